# Runs when a test executable was linked: writes the file by which ctest knows its suites, each a
# test that passes when all tests of the suite pass.
#
#   cmake -D EXECUTABLE=... -D LABELS=... -D TIMEOUT=... -D OUTPUT=... -P DiscoverSuites.cmake

execute_process(COMMAND ${EXECUTABLE} --gtest_list_tests
                OUTPUT_VARIABLE listed RESULT_VARIABLE status TIMEOUT 60)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${EXECUTABLE} does not list its tests (${status}):\n${listed}")
endif()

# A suite is a line that begins at the margin and ends in a point; its tests follow indented. Behind
# a # stand types and values, which are no part of the names.
string(REGEX REPLACE "#[^\n]*" "" listed "${listed}")
string(REGEX MATCHALL "[^\n]+" lines "${listed}")
set(script "")
foreach(line IN LISTS lines)
  if(line MATCHES "^([A-Za-z0-9_/]+)\\. *$")
    set(suite ${CMAKE_MATCH_1})
    string(APPEND script
           "add_test([=[${suite}]=] [=[${EXECUTABLE}]=] [=[--gtest_filter=${suite}.*]=])\n"
           "set_tests_properties([=[${suite}]=] PROPERTIES LABELS [=[${LABELS}]=] TIMEOUT ${TIMEOUT} PROCESSORS 2)\n")
  endif()
endforeach()
if(script STREQUAL "")
  message(FATAL_ERROR "${EXECUTABLE} lists no suite of tests:\n${listed}")
endif()
file(WRITE ${OUTPUT} "${script}")
