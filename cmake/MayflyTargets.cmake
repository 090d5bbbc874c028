# A room is one static library; tests are one executable per room. Nothing is globbed.

add_library(mayfly_flags INTERFACE)
target_compile_features(mayfly_flags INTERFACE cxx_std_20)
target_include_directories(mayfly_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(mayfly_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wold-style-cast -Wswitch-enum -Wundef)
target_compile_definitions(mayfly_flags INTERFACE MAYFLY_VERSION="${PROJECT_VERSION}")

# A program that runs in the guest of tests/kernel has 512 GiB of address space, too little for the
# shadow memory of the address and thread sanitizers. In builds with one of these every library has a
# twin without it, NAME_guest, compiled when something in the guest links it. The undefined-behaviour
# sanitizer stays where code runs in the guest only, the kernel's SCTP and its tests; checking the
# rest there as well would lengthen the build by a tenth. In other builds the twin is the library
# itself.
add_library(mayfly_guest_flags INTERFACE)
string(TOUPPER "CMAKE_CXX_FLAGS_${CMAKE_BUILD_TYPE}" flags_of_this_build)
if("${CMAKE_CXX_FLAGS} ${${flags_of_this_build}}" MATCHES "-fsanitize=[a-z,-]*(address|thread)")
  set(MAYFLY_GUEST_TWINS ON)
  target_compile_options(mayfly_guest_flags INTERFACE -fno-sanitize=address -fno-sanitize=thread -g0)
  set(MAYFLY_CHECKED_IN_GUEST transport_kernel)
  add_library(mayfly_unchecked INTERFACE)
  target_compile_options(mayfly_unchecked INTERFACE -fno-sanitize=undefined)
  target_link_options(mayfly_guest_flags INTERFACE -fno-sanitize=address -fno-sanitize=thread)
endif()

# For what is mostly templates of others (matchers, properties, command line options): optimising it
# takes as long as compiling it, and so does checking each reference that it passes on. Everything
# else has all checks.
add_library(mayfly_quick_to_build INTERFACE)
target_compile_options(mayfly_quick_to_build INTERFACE $<$<CONFIG:Debug>:-O0>)
if(MAYFLY_GUEST_TWINS)
  target_compile_options(mayfly_quick_to_build INTERFACE
                         -fno-sanitize=null -fno-sanitize=alignment -fno-sanitize=object-size -fno-sanitize=vptr)
endif()

# Half of a test's compilation is GoogleMock's headers, and a quarter of a room's is those of the
# standard library and fmt. Off where it is to be seen that each file includes what it needs.
option(MAYFLY_PRECOMPILED_HEADERS "Precompile the headers that nearly all files share" OFF)
set(precompiled ${CMAKE_BINARY_DIR}/precompiled.cc)
file(GENERATE OUTPUT ${precompiled} CONTENT "// The precompiled headers belong to this.\n")

# mayfly_precompile(name HEADERS <header>... WITH library...): an object whose precompiled headers
# others may use.
function(mayfly_precompile name)
  cmake_parse_arguments(ARG "" "" "HEADERS;WITH" ${ARGN})
  if(MAYFLY_PRECOMPILED_HEADERS)
    add_library(${name} OBJECT ${precompiled})
    target_link_libraries(${name} PRIVATE mayfly_flags fmt::fmt ${ARG_WITH})
    target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
    set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  endif()
endfunction()
set(headers <algorithm> <functional> <map> <memory> <optional> <string> <vector> <fmt/format.h>)
mayfly_precompile(mayfly_room_headers WITH tl::expected
                  HEADERS ${headers} <chrono> <span> <string_view> <variant> <tl/expected.hpp>)
if(MAYFLY_GUEST_TWINS)
  mayfly_precompile(mayfly_guest_room_headers WITH tl::expected mayfly_guest_flags mayfly_unchecked
                    HEADERS ${headers} <chrono> <span> <string_view> <variant> <tl/expected.hpp>)
endif()
if(MAYFLY_TESTS)
  mayfly_precompile(mayfly_test_headers WITH mayfly_quick_to_build GTest::gmock
                    HEADERS ${headers} <gmock/gmock.h> <gtest/gtest.h>)
  mayfly_precompile(mayfly_guest_test_headers
                    WITH mayfly_quick_to_build GTest::gmock mayfly_guest_flags
                    HEADERS ${headers} <gmock/gmock.h> <gtest/gtest.h>)
endif()

# mayfly_use_precompiled(target name): compiles `target` with them, where they are wanted.
function(mayfly_use_precompiled target name)
  if(TARGET ${name})
    target_precompile_headers(${target} REUSE_FROM ${name})
    # They are used only where macros are as they were.
    target_link_libraries(${target} PRIVATE fmt::fmt)
  endif()
endfunction()

# Most of a compilation is headers that the files of a room share. Off where it is to be seen that
# each file stands alone, and where one file is changed again and again. Where two files of a room
# name different things alike, the room sets SKIP_UNITY_BUILD_INCLUSION on one of them.
option(MAYFLY_UNITY_BUILD "Compile several files of a room at once" OFF)

# mayfly_test_unity(target): so for tests, of which fewer go together, for they are longer.
function(mayfly_test_unity target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${MAYFLY_UNITY_BUILD} UNITY_BUILD_BATCH_SIZE 5)
endfunction()

# mayfly_guest_names(out name...): each mayfly::library by the name of its twin.
function(mayfly_guest_names out)
  set(names ${ARGN})
  list(TRANSFORM names REPLACE "mayfly::([a-z0-9_]+)" "mayfly::\\1_guest")
  set(${out} ${names} PARENT_SCOPE)
endfunction()

# mayfly_guest_twin(name [PRECOMPILED]): defines the twin of the library mayfly::name, in the
# library's own folder.
function(mayfly_guest_twin name)
  cmake_parse_arguments(ARG "PRECOMPILED" "" "" ${ARGN})
  set(twin mayfly_${name}_guest)
  if(MAYFLY_GUEST_TWINS)
    get_target_property(sources mayfly_${name} SOURCES)
    get_target_property(linked mayfly_${name} LINK_LIBRARIES)
    get_target_property(passed_on mayfly_${name} INTERFACE_LINK_LIBRARIES)
    get_target_property(includes mayfly_${name} INTERFACE_SYSTEM_INCLUDE_DIRECTORIES)
    mayfly_guest_names(linked ${linked})
    mayfly_guest_names(passed_on ${passed_on})
    add_library(${twin} STATIC EXCLUDE_FROM_ALL ${sources})
    target_link_libraries(${twin} PRIVATE ${linked} INTERFACE ${passed_on})
    target_link_libraries(${twin} PUBLIC mayfly_guest_flags)
    if(NOT name IN_LIST MAYFLY_CHECKED_IN_GUEST)
      target_link_libraries(${twin} PRIVATE mayfly_unchecked)
      if(ARG_PRECOMPILED)
        mayfly_use_precompiled(${twin} mayfly_guest_room_headers)
      endif()
    endif()
    if(includes)
      target_include_directories(${twin} SYSTEM PUBLIC ${includes})
    endif()
    set_target_properties(${twin} PROPERTIES CXX_EXTENSIONS OFF UNITY_BUILD ${MAYFLY_UNITY_BUILD}
                          UNITY_BUILD_BATCH_SIZE 12)
    add_library(mayfly::${name}_guest ALIAS ${twin})
  else()
    add_library(mayfly::${name}_guest ALIAS mayfly_${name})
  endif()
endfunction()

# mayfly_library(name SOURCES ... HEADERS ... [PUBLIC_DEPS ...] [PRIVATE_DEPS ...] [PTHREAD])
# PTHREAD: as in mayfly_test().
function(mayfly_library name)
  cmake_parse_arguments(ARG "PTHREAD" "" "SOURCES;HEADERS;PUBLIC_DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(mayfly_${name} STATIC ${ARG_SOURCES})
  add_library(mayfly::${name} ALIAS mayfly_${name})
  target_sources(mayfly_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}
                 FILES ${ARG_HEADERS})
  target_link_libraries(mayfly_${name} PUBLIC mayfly_flags ${ARG_PUBLIC_DEPS}
                        PRIVATE ${ARG_PRIVATE_DEPS})
  set_target_properties(mayfly_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON
                        CXX_EXTENSIONS OFF UNITY_BUILD ${MAYFLY_UNITY_BUILD}
                        UNITY_BUILD_BATCH_SIZE 8)
  # What is compiled otherwise cannot use them.
  if(ARG_PTHREAD OR "mayfly_quick_to_build" IN_LIST ARG_PRIVATE_DEPS)
    mayfly_guest_twin(${name})
  else()
    mayfly_guest_twin(${name} PRECOMPILED)
    mayfly_use_precompiled(mayfly_${name} mayfly_room_headers)
  endif()
endfunction()

# mayfly_guest_executable(name SOURCES ... DEPS ...): a program that can run in the guest. DEPS are
# the libraries by their ordinary names.
function(mayfly_guest_executable name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  mayfly_guest_names(deps ${ARG_DEPS})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE mayfly_flags mayfly_quick_to_build mayfly_guest_flags ${deps})
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
endfunction()

# mayfly_discover_tests(target BY suite|test LABELS labels TIMEOUT seconds PROCESSORS half_cores
#                       [FILTER filter] [RUNS program...]): registers the tests of an executable with
# ctest. Those that take more than microseconds are not run again while nothing has changed that they
# depend on: tests/unless_passed. RUNS: other programs that they start.
function(mayfly_discover_tests target)
  cmake_parse_arguments(ARG "" "BY;LABELS;TIMEOUT;PROCESSORS;FILTER" "RUNS" ${ARGN})
  set(launcher "")
  if(ARG_BY STREQUAL "test")
    list(TRANSFORM ARG_RUNS REPLACE "(.+)" "--file;$<TARGET_FILE:\\1>")
    set(launcher ${PROJECT_SOURCE_DIR}/tests/unless_passed ${CMAKE_BINARY_DIR}/passed ${ARG_RUNS} --)
  endif()
  if(NOT ARG_FILTER)
    set(ARG_FILTER *)
  endif()
  set(tests ${CMAKE_CURRENT_BINARY_DIR}/${target}_tests.cmake)
  add_custom_command(TARGET ${target} POST_BUILD BYPRODUCTS ${tests}
    COMMAND ${CMAKE_COMMAND} -D EXECUTABLE=$<TARGET_FILE:${target}> -D BY=${ARG_BY} -D FILTER=${ARG_FILTER}
            -D LABELS=${ARG_LABELS} -D TIMEOUT=${ARG_TIMEOUT} -D PROCESSORS=${ARG_PROCESSORS}
            -D "LAUNCHER=${launcher}" -D OUTPUT=${tests} -P ${PROJECT_SOURCE_DIR}/cmake/DiscoverTests.cmake
    VERBATIM)
  set(include ${CMAKE_CURRENT_BINARY_DIR}/${target}_include_tests.cmake)
  file(WRITE ${include}
       "if(EXISTS \"${tests}\")\n  include(\"${tests}\")\nelse()\n"
       "  add_test(${target}_NOT_BUILT ${target}_NOT_BUILT)\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${include})
endfunction()

# mayfly_test(name SOURCES ... DEPS ... [LABELS ...] [TIMEOUT seconds] [FILTER filter] [WAITS|ALONE] [PTHREAD])
# Labels: unit (the default), sim, integration, kernel, fuzz, slow. Unit tests, hundreds that take
# microseconds each, run suite by suite: starting a process under the sanitizers takes longer than
# all of a suite. Every other test runs in a process of its own, as what it uses (usrsctp, sockets,
# GStreamer) has state of the process.
# The jobs of ctest are half cores (CMakePresets.json): a test takes two, or one if it WAITS most of
# its time for a clock or a network, or all where it has to be ALONE, as it judges by time.
# FILTER: which to run, as --gtest_filter has it. RUNS: other programs of the project that they start.
# PTHREAD: a library of it asks for -pthread, so that the precompiled headers do not fit.
function(mayfly_test name)
  cmake_parse_arguments(ARG "WAITS;ALONE;PTHREAD" "TIMEOUT;FILTER" "SOURCES;DEPS;LABELS;RUNS" ${ARGN})
  set(half_cores 2)
  if(ARG_WAITS)
    set(half_cores 1)
  elseif(ARG_ALONE)
    set(half_cores 4)
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE mayfly_flags mayfly_quick_to_build ${ARG_DEPS} GTest::gmock_main)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  mayfly_test_unity(${name})
  if(NOT ARG_PTHREAD)
    mayfly_use_precompiled(${name} mayfly_test_headers)
  endif()
  set(by test)
  if(ARG_LABELS STREQUAL "unit")
    set(by suite)
    set(ARG_TIMEOUT 120)
  endif()
  mayfly_discover_tests(${name} BY ${by} LABELS ${ARG_LABELS} TIMEOUT ${ARG_TIMEOUT}
                        PROCESSORS ${half_cores} FILTER "${ARG_FILTER}" RUNS ${ARG_RUNS})
endfunction()
