# SPDX-License-Identifier: Apache-2.0
# Who may include whom, and which words each room may not use. Reads every .h and .cc below ROOT.
#   cmake -D ROOT=<source tree> -P tests/lint/layering_test.cmake
cmake_minimum_required(VERSION 3.25)
if(NOT DEFINED ROOT)
  get_filename_component(ROOT "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
endif()

# --- The table. A word names a kind of header (see kind_of_include), `any` means everything.
# `std` is the whole standard library, less what std_banned_<room> takes away.

# Where a file belongs. The first prefix that matches counts.
set(room_prefixes
    "routing/insight/=insight" "routing/=routing"
    "daemon/config/=config" "daemon/history/=history" "daemon/storage/=storage" "daemon/rpc/=rpc" "daemon/http/=http"
    "daemon/checkpoint_program.=server" "daemon/server.=server" "daemon/server_figures.=server" "daemon/settings.=server" "daemon/main.=server" "daemon/=daemon"
    "sim/load=sim_grpc" "sim/replay=sim_grpc" "sim/=sim"
    "clients/acdctl/journal_backup=clients_backup" "clients/acdctl/journal=clients_storage"
    "clients/acdctl/history=clients_history" "clients/examples/=examples"
    "clients/completion_script.=completion" "clients/=clients"
    "bench/=bench" "tests/=tests")

set(may_routing std absl_container routing)
set(may_insight std absl_container routing insight)
set(may_config std posix absl absl_container absl_time routing config proto_v1 protobuf yaml_cpp
    spdlog zlib shared)
set(may_storage std posix absl absl_container routing storage proto_storage protobuf sqlite spdlog
    zlib shared)
set(may_history std posix absl absl_container routing insight history sqlite spdlog shared)
set(may_completion std absl completion)
set(may_daemon std posix absl absl_container routing insight config history storage daemon shared proto_v1
    proto_storage protobuf asio spdlog zlib program_options)
set(may_server ${may_daemon} server rpc_entry http_entry)
set(may_rpc std posix absl absl_container routing insight config daemon rpc rpc_entry shared proto_v1
    proto_internal proto_grpc protobuf grpcpp spdlog zlib)
set(may_http std posix absl http http_entry shared proto_v1 proto_internal proto_grpc protobuf grpcpp
    asio beast prometheus spdlog zlib)
set(may_sim std posix absl absl_container routing insight config storage sim completion boost_random
    program_options spdlog zlib)
set(may_sim_grpc ${may_sim} proto_v1 proto_internal proto_grpc protobuf grpcpp)
set(may_clients std posix absl absl_container absl_time config clients completion proto_v1 proto_internal
    proto_grpc protobuf grpcpp boost boost_random program_options asio beast spdlog zlib)
set(may_clients_storage ${may_clients} storage)
set(may_clients_history ${may_clients} history)
set(may_clients_backup ${may_clients} storage history)
# For others to copy: the contract, and nothing else of ours.
set(may_examples std examples proto_v1 proto_grpc protobuf grpcpp)
set(may_bench any)
set(may_tests any)

# Replayed decisions may depend on none of these: no clock, chance, thread, output, floating point, and no
# container whose order is not ours.
set(std_banned_routing
    atomic barrier chrono cfenv cmath complex condition_variable ctime filesystem fstream future iomanip
    iostream istream latch mutex ostream random semaphore shared_mutex stop_token syncstream thread
    unordered_map unordered_set)
set(std_banned_insight ${std_banned_routing})
list(REMOVE_ITEM std_banned_insight cmath)

# Files that may use atomics: the inbox, the metrics, and the shard's stop flag. Everything else is
# sequential code. bench/ and tests/ may as well.
set(atomic_files daemon/inbox.h daemon/metrics.h daemon/shard.h)

# Files of routing/ that may use hash tables: they map external ids, and nothing iterates them.
set(hash_table_files "^routing/name_table\\.")

# --- The checks.
set(problems "")
macro(problem text)
  list(APPEND problems "${text}")
endmacro()

function(room_of file out)
  foreach(entry IN LISTS room_prefixes)
    string(REGEX MATCH "^(.*)=(.*)$" ignored "${entry}")
    string(FIND "${file}" "${CMAKE_MATCH_1}" position)
    if(position EQUAL 0)
      set(${out} "${CMAKE_MATCH_2}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  set(${out} "" PARENT_SCOPE)
endfunction()

# The kind of a header that is included with quotes: a room, or generated code.
function(kind_of_own path out)
  if(path MATCHES "^acd/v1/.*\\.grpc\\.pb\\.h$")
    set(kind proto_grpc)
  elseif(path MATCHES "^acd/v1/.*\\.pb\\.h$")
    set(kind proto_v1)
  elseif(path MATCHES "^acd/internal/.*\\.pb\\.h$")
    set(kind proto_internal)
  elseif(path MATCHES "^acd/storage/.*\\.pb\\.h$")
    set(kind proto_storage)
  elseif(path MATCHES "^daemon/(metrics|mutex|principal)\\.h$")
    set(kind shared)
  elseif(path STREQUAL "daemon/rpc/rpc_server.h")
    set(kind rpc_entry)
  elseif(path STREQUAL "daemon/http/http_server.h")
    set(kind http_entry)
  else()
    room_of("${path}" kind)
    string(REGEX REPLACE "_(grpc|storage|history|backup)$" "" kind "${kind}")
  endif()
  set(${out} "${kind}" PARENT_SCOPE)
endfunction()

# The kind of a header that is included with angle brackets.
function(kind_of_foreign path out)
  set(kinds
      "^absl/(container|hash)/=absl_container" "^absl/time/=absl_time" "^absl/=absl"
      "^boost/asio=asio" "^boost/beast=beast" "^boost/program_options=program_options"
      "^boost/random=boost_random" "^boost/=boost" "^(grpcpp|grpc|grpc\\+\\+)/=grpcpp"
      "^google/protobuf/=protobuf" "^yaml-cpp/=yaml_cpp" "^spdlog/=spdlog" "^zlib\\.h$=zlib"
      "^sqlite3\\.h$=sqlite" "^prometheus/=prometheus" "^(gtest|gmock|benchmark)/=test_tool"
      "^[a-z0-9_]+$=std" "^(sys|arpa|netinet|net|linux)/=posix" "^[a-z0-9_]+\\.h$=posix")
  set(kind "")
  foreach(entry IN LISTS kinds)
    string(REGEX MATCH "^(.*)=(.*)$" ignored "${entry}")
    set(result "${CMAKE_MATCH_2}")
    if(path MATCHES "${CMAKE_MATCH_1}")
      set(kind "${result}")
      break()
    endif()
  endforeach()
  set(${out} "${kind}" PARENT_SCOPE)
endfunction()

# Sets `out` to TRUE when a line of `file` has a word that matches `word`, comments and strings apart.
function(uses_word file word out)
  set(${out} FALSE PARENT_SCOPE)
  set(pattern "(^|[^A-Za-z0-9_])(${word})($|[^A-Za-z0-9_])")
  file(STRINGS "${ROOT}/${file}" lines REGEX "${pattern}")
  # An open bracket would join the elements of a list.
  string(REPLACE "[" "(" lines "${lines}")
  string(REPLACE "]" ")" lines "${lines}")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "\"[^\"]*\"" "" line "${line}")
    string(REGEX REPLACE "//.*$" "" line "${line}")
    if(line MATCHES "${pattern}")
      set(${out} TRUE PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

macro(check_include file room delimiter path)
  if(delimiter STREQUAL "\"")
    kind_of_own("${path}" kind)
    if(kind STREQUAL "")
      problem("${file}: \"${path}\" is no header of ours; include from the repository's root")
    endif()
  else()
    kind_of_foreign("${path}" kind)
    if(kind STREQUAL "")
      problem("${file}: <${path}> is of no library that this project uses")
    endif()
  endif()
  if(NOT kind STREQUAL "" AND NOT "any" IN_LIST may_${room})
    if(NOT kind IN_LIST may_${room})
      problem("${file}: ${room} may not include ${path} (${kind})")
    elseif(kind STREQUAL "std" AND path IN_LIST std_banned_${room})
      problem("${file}: ${room} may not include <${path}>")
    endif()
  endif()
endmacro()

macro(check_words file room)
  if(room STREQUAL "routing")
    uses_word("${file}" "float|double" found)
    if(found)
      problem("${file}: floating point in routing")
    endif()
  endif()
  if(room MATCHES "^(routing|insight)$" AND NOT file MATCHES "${hash_table_files}")
    uses_word("${file}" "(unordered|flat_hash|node_hash)_[a-z_]+" found)
    if(found)
      problem("${file}: hash table outside routing/name_table")
    endif()
  endif()
  if(NOT room MATCHES "^(bench|tests)$" AND NOT file IN_LIST atomic_files)
    uses_word("${file}" "atomic|atomic_[a-z_]+" found)
    if(found)
      problem("${file}: atomics outside the files that atomic_files lists")
    endif()
  endif()
endmacro()

foreach(top routing daemon sim clients bench tests)
  file(GLOB_RECURSE found_files RELATIVE "${ROOT}" "${ROOT}/${top}/*.h" "${ROOT}/${top}/*.cc")
  list(APPEND files ${found_files})
endforeach()
list(SORT files)

set(include_pattern "^[ \t]*#[ \t]*include[ \t]*([<\"])([^>\"]+)[>\"]")
foreach(file IN LISTS files)
  room_of("${file}" room)
  file(STRINGS "${ROOT}/${file}" lines REGEX "${include_pattern}")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "${include_pattern}" ignored "${line}")
    set(delimiter "${CMAKE_MATCH_1}")
    set(path "${CMAKE_MATCH_2}")
    check_include("${file}" "${room}" "${delimiter}" "${path}")
  endforeach()
  check_words("${file}" "${room}")
endforeach()

list(LENGTH files file_count)
if(file_count EQUAL 0)
  message(FATAL_ERROR "No sources below ${ROOT}.")
endif()
list(LENGTH problems problem_count)
foreach(text IN LISTS problems)
  message(NOTICE "${text}")
endforeach()
if(problem_count GREATER 0)
  message(FATAL_ERROR "${problem_count} breaches of the layering in ${file_count} files.")
endif()
message(STATUS "Layering: ${file_count} files, no breach.")
