# SPDX-License-Identifier: Apache-2.0
# Every .h and .cc stands as clang-format would write it.
#   cmake -D CLANG_FORMAT=<program> -D ROOT=<source tree> -P tests/lint/format_test.cmake
cmake_minimum_required(VERSION 3.25)
set(files "")
foreach(room routing daemon sim clients bench tests)
  file(GLOB_RECURSE found_files "${ROOT}/${room}/*.h" "${ROOT}/${room}/*.cc")
  list(APPEND files ${found_files})
endforeach()
execute_process(
  COMMAND "${CLANG_FORMAT}" --dry-run --Werror --ferror-limit=1 ${files}
  WORKING_DIRECTORY "${ROOT}"
  RESULT_VARIABLE result
  ERROR_VARIABLE output)
if(NOT result EQUAL 0)
  string(REGEX REPLACE "${ROOT}/" "" output "${output}")
  message(FATAL_ERROR "Run clang-format -i on these files:\n${output}")
endif()
list(LENGTH files file_count)
message(STATUS "Format: ${file_count} files.")
