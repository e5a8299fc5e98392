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

# libpqxx reaches PostgreSQL; libpq underneath reads its URLs.
pkg_check_modules(pqxx REQUIRED IMPORTED_TARGET libpqxx)
pkg_check_modules(pq REQUIRED IMPORTED_TARGET libpq)

# Boost.MSM of Debian's default 1.74 does not compile as C++20. Where installing 1.81 would remove another Boost,
# tools/install_dependencies.sh unpacks its headers under build/deps, and they come first.
set(AMENDS_BOOST_INCLUDE "" CACHE PATH "Where Boost 1.81's headers were unpacked, if neither installed nor there")
set(boost_hint ${AMENDS_BOOST_INCLUDE})
if(NOT boost_hint AND EXISTS ${PROJECT_SOURCE_DIR}/build/deps/usr/include/boost/version.hpp)
  set(boost_hint ${PROJECT_SOURCE_DIR}/build/deps/usr/include)
endif()
add_library(amends_boost INTERFACE)
if(boost_hint)
  target_include_directories(amends_boost SYSTEM INTERFACE ${boost_hint})
endif()
find_path(boost_include boost/version.hpp HINTS ${boost_hint} NO_CACHE)
if(boost_include)
  file(STRINGS ${boost_include}/boost/version.hpp boost_version REGEX "^#define BOOST_VERSION [0-9]+")
  string(REGEX MATCH "[0-9]+" boost_version "${boost_version}")
endif()
if(NOT boost_version OR boost_version LESS 108100)
  message(FATAL_ERROR "Amends needs Boost 1.81 or later; found ${boost_version} in ${boost_include}. Run tools/install_dependencies.sh.")
endif()

if(AMENDS_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
  include(GoogleTest)
endif()
