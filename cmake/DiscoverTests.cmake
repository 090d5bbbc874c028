# Runs when a test executable was linked: writes the file by which ctest knows its tests.
#
#   cmake -D EXECUTABLE=... -D BY=suite|test -D FILTER=... -D LABELS=... -D TIMEOUT=... -D PROCESSORS=...
#         -D LAUNCHER=... -D OUTPUT=... -P DiscoverTests.cmake
#
# BY suite: each suite is a test, which passes when all tests of the suite pass.
# LAUNCHER: the program with its arguments that the tests are run by, if any.

cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND ${EXECUTABLE} --gtest_list_tests --gtest_filter=${FILTER}
                OUTPUT_VARIABLE listed RESULT_VARIABLE status TIMEOUT 60)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${EXECUTABLE} does not list its tests (${status}):\n${listed}")
endif()

set(launcher "")
foreach(each IN LISTS LAUNCHER)
  string(APPEND launcher "[=[${each}]=] ")
endforeach()
set(script "")
function(add name filter)
  string(APPEND script
         "add_test([=[${name}]=] ${launcher}[=[${EXECUTABLE}]=] [=[--gtest_filter=${filter}]=])\n"
         "set_tests_properties([=[${name}]=] PROPERTIES LABELS [=[${LABELS}]=]"
         " TIMEOUT ${TIMEOUT} PROCESSORS ${PROCESSORS})\n")
  set(script "${script}" PARENT_SCOPE)
endfunction()

# A suite is a line that begins at the margin and ends in a point; its tests follow indented. Behind
# a # stand types and values, which are no part of the names; in them a ; or [ would split the list.
string(REGEX REPLACE "#[^\n]*" "" listed "${listed}")
string(REGEX MATCHALL "[^\n]+" lines "${listed}")
foreach(line IN LISTS lines)
  if(line MATCHES "^([^ ]+)\\. *$")
    set(suite ${CMAKE_MATCH_1})
    if(BY STREQUAL "suite")
      add(${suite} ${suite}.*)
    endif()
  elseif(line MATCHES "^  ([^ ]+) *$" AND BY STREQUAL "test")
    add(${suite}.${CMAKE_MATCH_1} ${suite}.${CMAKE_MATCH_1})
  endif()
endforeach()
if(script STREQUAL "")
  message(FATAL_ERROR "${EXECUTABLE} lists no test:\n${listed}")
endif()
file(WRITE ${OUTPUT} "${script}")
