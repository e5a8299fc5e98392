# Every outside library, each once. Debian 12 package names stand in docs/decisions/0001-dependencies.md.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)

# Every unit that sees httplib.h must be compiled with these flags, or class layouts differ from the packaged .so.
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)

# Boost 1.81 may be unpacked under build/deps where installing it would remove another Boost.
set(AMENDS_BOOST_INCLUDE "" CACHE PATH "Where Boost 1.81's headers were unpacked, if not installed")
add_library(amends_boost INTERFACE)
if(AMENDS_BOOST_INCLUDE)
  target_include_directories(amends_boost SYSTEM INTERFACE ${AMENDS_BOOST_INCLUDE})
endif()

if(AMENDS_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
  include(GoogleTest)
endif()
