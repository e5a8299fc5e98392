# amends_layer(NAME deps...): one static library out of the sources beside the CMakeLists.txt that calls it.
# The include rule of docs/ARCHITECTURE.md is the list of deps; tests/tidy holds it against the #include lines.
function(amends_layer name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC amends_flags ${ARGN})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE amends_flags ${ARGN})
  endif()
endfunction()

# amends_plugin(NAME deps...): a workflow plugin; group and others may not write it, or the host refuses it.
function(amends_plugin name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(${name} MODULE ${sources})
  target_link_libraries(${name} PRIVATE amends_flags amends_authoring ${ARGN})
  set_target_properties(${name} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  add_custom_command(TARGET ${name} POST_BUILD COMMAND chmod 0755 $<TARGET_FILE:${name}>)
endfunction()

# amends_test(NAME LABEL group DEPS deps...): one test program out of the sources beside the caller.
function(amends_test name)
  cmake_parse_arguments(arg "" "LABEL;TIMEOUT" "DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT sources)
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  if(AMENDS_SANITIZE)
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 5")  # everything is several times slower
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE amends_flags ${arg_DEPS} GTest::gtest_main)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES LABELS "${arg_LABEL}" TIMEOUT ${arg_TIMEOUT})
endfunction()
