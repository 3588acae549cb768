#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs, builds and runs every test; says at the end which parts took how long, and last
# "N passed, N failed". Logs stand in build/logs.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1
# shellcheck source=deploy/console.sh
. deploy/console.sh

usage() {
  cat <<'END'
Usage: tests/run.sh [--full] [--jobs N] [FILTER]

Without FILTER it runs these parts, one after the other:
  lint      layering, licences, format, and the lints' own controls
  release   every test, built as it is shipped
  swarm     random worlds on Router and oracle, about three minutes on one core
  asan      the tests under AddressSanitizer and UBSan
  tsan      routing, inbox, shard and journal under ThreadSanitizer
  january   a month of real calls through the daemon, twice, with the same state hash; the oracle agrees
  kill9     the daemon killed in mid-run, restarted, and nothing acknowledged lost
  kills     the same a hundred times at random moments
  wallboard the page that acdd serves: its store, and Chromium before a daemon under load
--full adds:
  clang     clang: thread-safety analysis, clang-tidy, self-contained headers, unit tests
  fuzz      every fuzz target for a minute
  kill9-asan  the same as kill9, with the sanitized programs
  kills-1000  the same as kills, a thousand times
  mutation  deliberate faults in routing/, each of which some test must notice

FILTER is the name of one part, or a regular expression over test names for the release build.
--jobs N   how many compilers and tests at once (default: the number of cores)

Exit code 0 when nothing failed, 1 when something failed, 2 on wrong usage.
END
}

full=false
jobs=$(nproc)
filter=''
while [ $# -gt 0 ]; do
  case "$1" in
    --full) full=true ;;
    --jobs)
      jobs=${2:-}
      shift
      ;;
    --jobs=*) jobs=${1#--jobs=} ;;
    -h | --help)
      usage
      exit 0
      ;;
    -*)
      usage >&2
      exit 2
      ;;
    *)
      [ -z "$filter" ] || {
        usage >&2
        exit 2
      }
      filter=$1
      ;;
  esac
  shift
done
case "$jobs" in
  '' | *[!0-9]* | 0*)
    printf 'tests/run.sh: --jobs wants a number from 1\n' >&2
    exit 2
    ;;
esac

default_parts=(lint release swarm asan tsan january kill9 kills wallboard)
full_parts=(clang fuzz kill9-asan kills-1000 mutation)
parts=("${default_parts[@]}")
$full && parts+=("${full_parts[@]}")
name_filter=''
if [ -n "$filter" ]; then
  parts=(release)
  name_filter=$filter
  for part in "${default_parts[@]}" "${full_parts[@]}"; do
    [ "$part" = "$filter" ] && parts=("$part") name_filter=''
  done
fi
role='test'
case " ${parts[*]} " in *" clang "* | *" fuzz "*) role='full' ;; esac

logs=$PWD/build/logs
mkdir -p "$logs" && rm -f "$logs"/*.log "$logs"/*.xml
export CTEST_OUTPUT_ON_FAILURE=1 CMAKE_COLOR_DIAGNOSTICS=OFF
# Sanitizers want their memory where they expect it; some kernels randomise too far for them.
fixed_layout=(setarch "$(uname -m)" -R)
"${fixed_layout[@]}" true 2>/dev/null || fixed_layout=()

passed=0
failed=0
skipped=0
table=''

interrupted() {
  printf '\n%sinterrupted%s\n' "$red" "$plain"
  exit 130
}
trap end_groups EXIT
trap interrupted INT TERM

# Counts in `passed` and `failed` what ctest wrote to FILE. A missing or broken file is a failure.
count_junit() {
  local file=$1 total run disabled skips
  if ! grep -q '</testsuite>' "$file" 2>/dev/null; then
    failed=$((failed + 1))
    return
  fi
  total=$(grep -c '<testcase ' "$file")
  run=$(grep -c '<testcase .*status="run"' "$file")
  disabled=$(grep -c '<testcase .*status="disabled"' "$file")
  # Skipped on purpose by the test itself; everything else that did not run is a failure.
  skips=$(grep -cE '<skipped message="SKIP_' "$file")
  passed=$((passed + run))
  failed=$((failed + total - run - disabled - skips))
  skipped=$((skipped + skips))
  [ "$total" -gt 0 ] || failed=$((failed + 1))
}

# run_step LABEL LOG COMMAND...: counts nothing; on failure counts one and shows the log.
run_step() {
  run_logged "$@" && return 0
  failed=$((failed + 1))
  printf '%s%s failed%s\n' "$red" "$1" "$plain"
  show_log "$2"
  return 1
}

configure_preset() {
  run_step "$1: configure" "$logs/$1-configure.log" cmake --preset "$1"
}

build_preset() {
  run_step "$1: build" "$logs/$1-build.log" "${fixed_layout[@]}" \
    cmake --build --preset "$1" -j "$jobs"
}

# test_preset PART PRESET [ctest arguments]
test_preset() {
  local part=$1 preset=$2 log=$logs/$1-test.log junit=$logs/$1-test.xml
  shift 2
  if ! run_logged "$part: test" "$log" "${fixed_layout[@]}" \
    ctest --preset "$preset" -j "$jobs" --output-junit "$junit" "$@"; then
    printf '%s%s: tests failed%s\n' "$red" "$part" "$plain"
    show_log "$log" 60
    # A run that ends badly without a failed test in its report is a failure all the same.
    local failed_before=$failed
    count_junit "$junit"
    [ "$failed" -gt "$failed_before" ] || failed=$((failed + 1))
    return
  fi
  count_junit "$junit"
}

# One script that is one test. Its programs come from the preset's folder.
# script_test PART PRESET SCRIPT [ARGUMENTS]
script_test() {
  local part=$1 preset=$2
  shift 2
  configure_preset "$preset" || return
  run_step "$preset: build" "$logs/$part-build.log" "${fixed_layout[@]}" \
    cmake --build --preset "$preset" -j "$jobs" --target acdd acdsim acdctl journal_judge || return
  run_step "$part" "$logs/$part.log" env "ACD_BIN_DIR=$PWD/build/$preset/bin" timeout 3600 \
    bash "$@" && passed=$((passed + 1))
}

# Fixed seeds. A difference fails, and a feature or fault that no world met.
swarm_seeds=1200
swarm_test() {
  configure_preset release || return
  run_step "swarm: build" "$logs/swarm-build.log" "${fixed_layout[@]}" \
    cmake --build --preset release -j "$jobs" --target acdsim || return
  run_step swarm "$logs/swarm.log" timeout 1800 \
    build/release/bin/acdsim fuzz --seeds "$swarm_seeds" --verbose --quiet || return
  passed=$((passed + 1))
  tail -n 1 "$logs/swarm.log"
}

# Seconds of --full in which the page's memory must not grow.
wallboard_memory_seconds=600
wallboard_test() {
  local log=$logs/wallboard.log count seconds=0
  $full && seconds=$wallboard_memory_seconds
  configure_preset release || return
  run_step "wallboard: build" "$logs/wallboard-build.log" "${fixed_layout[@]}" \
    cmake --build --preset release -j "$jobs" --target acdd acdsim example_python_stubs || return
  run_step wallboard "$log" env "ACD_WALLBOARD_MEMORY_SECONDS=$seconds" timeout 1800 \
    bash tests/wallboard/run.sh build/release
  count=$(sed -nE 's/^# pass ([0-9]+)$/\1/p' "$log")
  passed=$((passed + ${count:-0}))
  # The step itself has counted one failure when there is any.
  count=$(sed -nE 's/^# fail ([0-9]+)$/\1/p' "$log")
  [ "${count:-0}" -eq 0 ] || failed=$((failed + count - 1))
  grep -E '^ *# .* ms$|^ *# heap' "$log" | sed -E 's/^ *# /  /'
}

# Every fault is one test.
mutation_test() {
  local log=$logs/mutation.log total caught
  run_step mutation "$log" timeout 14400 bash tests/mutation.sh --jobs "$jobs"
  read -r caught total < <(sed -nE '$s/^([0-9]+) of ([0-9]+) faults caught$/\1 \2/p' "$log")
  passed=$((passed + ${caught:-0}))
  # The step itself has counted one failure when there is any.
  [ "${caught:-0}" -ge "${total:-0}" ] || failed=$((failed + total - caught - 1))
  tail -n 1 "$log"
}

run_part() {
  case "$1" in
    lint) configure_preset release && test_preset lint release -L '^lint$' ;;
    release)
      configure_preset release && build_preset release &&
        if [ -n "$name_filter" ]; then
          test_preset release release -R "$name_filter"
        else
          test_preset release release -LE '^lint$'
        fi
      ;;
    asan | tsan | clang | fuzz) configure_preset "$1" && build_preset "$1" && test_preset "$1" "$1" ;;
    swarm) swarm_test ;;
    january) script_test january release tests/january.sh ;;
    kill9) script_test kill9 release tests/kill9.sh ;;
    wallboard) wallboard_test ;;
    kills) script_test kills release tests/kill_cycles.sh 100 ;;
    kills-1000) script_test kills-1000 release tests/kill_cycles.sh 1000 ;;
    kill9-asan) script_test kill9-asan asan tests/kill9.sh ;;
    mutation) mutation_test ;;
  esac
}

begin=$SECONDS
printf '%sPackages%s\n' "$bold" "$plain"
if ! run_step packages "$logs/packages.log" bash deploy/packages.sh "$role"; then
  printf '0 passed, 1 failed\n'
  exit 1
fi
tail -n 1 "$logs/packages.log"

for part in "${parts[@]}"; do
  printf '%s%s%s\n' "$bold" "$part" "$plain"
  passed_before=$passed failed_before=$failed part_begin=$SECONDS
  run_part "$part"
  took=$((SECONDS - part_begin))
  row=$(printf '%-12s %7d %7d %8s' "$part" $((passed - passed_before)) $((failed - failed_before)) \
    "$(clock "$took")")
  table+="$row"$'\n'
  if [ "$failed" -eq "$failed_before" ]; then
    printf '  %s%d passed%s in %s\n' "$green" $((passed - passed_before)) "$plain" "$(clock "$took")"
  else
    printf '  %s%d failed%s in %s\n' "$red" $((failed - failed_before)) "$plain" "$(clock "$took")"
  fi
done

{
  printf '\n%-12s %7s %7s %8s\n' part passed failed min:sec
  printf '%s' "$table"
  printf '%-12s %7d %7d %8s\n\n' total "$passed" "$failed" "$(clock $((SECONDS - begin)))"
} | tee "$logs/parts.txt"
[ "$skipped" -eq 0 ] || printf '%d tests skipped themselves; the logs say why\n' "$skipped"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
