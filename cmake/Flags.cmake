# One interface target carries every compiler flag, so that a layer cannot drift from the others.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_VISIBILITY_PRESET default)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(amends_flags INTERFACE)
target_include_directories(amends_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(amends_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror
  -fstack-protector-strong -fstack-clash-protection -fcf-protection)
target_link_options(amends_flags INTERFACE -Wl,-z,relro -Wl,-z,now)
if(AMENDS_SANITIZE)
  target_compile_options(amends_flags INTERFACE -fsanitize=${AMENDS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(amends_flags INTERFACE -fsanitize=${AMENDS_SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(amends_flags INTERFACE -D_FORTIFY_SOURCE=2)  # needs an optimising build
endif()
if(AMENDS_FUZZ)
  # Counters for libFuzzer in all code; only the targets themselves link its main function (tests/fuzz).
  # Warnings are gcc's here to hold: clang 14 has others, and some that are wrong.
  target_compile_options(amends_flags INTERFACE -fsanitize=fuzzer-no-link -Wno-error)
endif()
if(AMENDS_FAILPOINTS)
  target_compile_definitions(amends_flags INTERFACE AMENDS_FAILPOINTS)
endif()
include(CheckPIESupported)
check_pie_supported()
