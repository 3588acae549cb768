#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts one deliberate fault after the other into a copy of routing/ and sees that some test notices.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1
# shellcheck source=deploy/console.sh
. deploy/console.sh

usage() {
  cat <<'END_OF_USAGE'
Usage: tests/mutation.sh [--jobs N] [--list] [NAME]...

Plays every fault of tests/mutations/*.faults, or those named, against the tests of the core: a copy of
the tree with that one fault is built in build/mutation, and its tests are run until one fails. The copy
as it stands must pass them first. A fault that no test notices, whose place is not found exactly once,
or that does not compile, is a failure. The fault of an invariant is caught where its message stands
("I7: ..."), by whatever test. Logs stand in build/mutation/logs.

--jobs N   how many compilers at once (default: the number of cores)
--list     says which faults there are and ends

Exit code 0 when every fault was caught, 1 when one was not, 2 on wrong usage.
END_OF_USAGE
}

jobs=$(nproc)
list=false
names=()
while [ $# -gt 0 ]; do
  case "$1" in
    --jobs)
      jobs=${2:-}
      shift
      ;;
    --jobs=*) jobs=${1#--jobs=} ;;
    --list) list=true ;;
    -h | --help)
      usage
      exit 0
      ;;
    -*)
      usage >&2
      exit 2
      ;;
    *) names+=("$1") ;;
  esac
  shift
done
case "$jobs" in
  '' | *[!0-9]* | 0*)
    printf 'tests/mutation.sh: --jobs wants a number from 1\n' >&2
    exit 2
    ;;
esac

work=$PWD/build/mutation
tree=$work/tree
logs=$work/logs
targets=(routing_test golden_test proof_exact_test swarm_test small_limits_test)
apply=(perl tests/mutations/apply.pl)

catalogue=$("${apply[@]}" --list tests/mutations/*.faults) || exit 1
if $list; then
  printf '%s\n' "$catalogue"
  exit 0
fi
[ ${#names[@]} -gt 0 ] || mapfile -t names < <(cut -f 1 <<<"$catalogue")
for name in "${names[@]}"; do
  grep -q "^$name"$'\t' <<<"$catalogue" || {
    printf 'tests/mutation.sh: no fault %s\n' "$name" >&2
    exit 2
  }
done

interrupted() {
  printf '\n%sinterrupted%s\n' "$red" "$plain"
  exit 130
}
trap end_groups EXIT
trap interrupted INT TERM

export CCACHE_BASEDIR=$work CCACHE_NOHASHDIR=1

# A copy of the tree, with the times of its files: what has not changed is not built again. But
# routing/ is, for what was built of it last had a fault.
copy_tree() {
  rm -rf "$tree" && mkdir -p "$tree" "$logs" || return 1
  tar -cf - --exclude=./build --exclude=./.git --exclude=./.cache . | tar -xf - -C "$tree" || return 1
  touch "$tree"/routing/*.h "$tree"/routing/*.cc
}

configure_copy() {
  cmake -S "$tree" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_CXX_FLAGS=-O1 -g0" \
    -DCMAKE_CXX_FLAGS_DEBUG= -DCMAKE_CXX_COMPILER=g++ -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
    -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld -DCMAKE_POLICY_DEFAULT_CMP0135=NEW -DACD_BUILD_TESTS=ON
}

build_copy() { run_logged "$1: build" "$logs/$1-build.log" ninja -C "$work/build" -j "$jobs" "${targets[@]}"; }

# Runs the tests of the copy until one fails, and sets caught_by and last_log; false if none does. Of
# the fault of an invariant all tests are run, until one says that this one is broken.
run_tests() {
  local name=$1 target filter status log number=''
  local stop=--gtest_fail_fast
  [[ $name =~ ^invariant_([0-9]+)_ ]] && number=${BASH_REMATCH[1]} stop=--gtest_fail_fast=0
  caught_by=''
  for target in "${targets[@]}"; do
    filter='*'
    # Pinned hashes notice any change and say of none that it is wrong.
    [ "$target" = routing_test ] && filter='-*.HashesAreThoseOfThisBehaviourVersion'
    # The slice of the swarm alone: its other tests are about the swarm.
    [ "$target" = swarm_test ] &&
      filter='SwarmTest.WorldsShowNoDifference:SwarmTest.SeedsThat*:SwarmTest.HistoriesThat*'
    log=$logs/$name-$target.log
    status=0
    (cd "$tree" && exec timeout 180 "$work/build/tests/bin/$target" "$stop" \
      --gtest_brief=1 "--gtest_filter=$filter") >"$log" 2>&1 </dev/null || status=$?
    [ "$status" -eq 0 ] && continue
    if [ -n "$number" ] && ! grep -qE "(^|[^[:alnum:]])I$number: " "$log"; then
      noticed_by="$target, which does not name invariant $number"
      continue
    fi
    last_log=$log
    caught_by=$(grep -m 1 -oE '\[  FAILED  \] [A-Za-z0-9_./]+' "$log" | sed 's/.*] //')
    case $status in
      124) caught_by="$target, which did not end" ;;
      1) caught_by=${caught_by:-$target} ;;
      *) caught_by="$target, which broke off" ;;
    esac
    return 0
  done
  return 1
}

# Builds and plays one fault; sets verdict and caught_by.
try_fault() {
  local name=$1 file
  caught_by=''
  noticed_by=''
  if ! file=$("${apply[@]}" --put "$name" "$tree/routing" tests/mutations/*.faults \
    2>"$logs/$name-apply.log"); then
    verdict='not found'
    caught_by=$(tail -n 1 "$logs/$name-apply.log")
    return
  fi
  verdict=survived
  if ! build_copy "$name"; then
    verdict='not built'
    caught_by=$(grep -m 1 'error:' "$logs/$name-build.log")
  elif run_tests "$name"; then
    verdict=caught
  elif [ -n "$noticed_by" ]; then
    verdict=unnamed
    caught_by=$noticed_by
  fi
  cp "routing/${file##*/}" "$file"
}

rm -rf "$logs"
copy_tree || exit 1
# Says why nothing can be told, and ends.
give_up() {
  printf '%s%s%s\n' "$red" "$1" "$plain"
  show_log "$2"
  printf '0 of %d faults caught\n' "${#names[@]}"
  exit 1
}

configure_copy >"$logs/configure.log" 2>&1 || give_up 'The copy cannot be configured' "$logs/configure.log"
build_copy as_it_stands || give_up 'The tree as it stands cannot be built' "$logs/as_it_stands-build.log"
run_tests as_it_stands && give_up "The tree as it stands fails $caught_by" "$last_log"

noticed_by=''
caught=0
printf '%-36s %-10s %7s  %s\n' fault verdict min:sec by
for name in "${names[@]}"; do
  begin=$SECONDS
  try_fault "$name"
  colour=$red
  [ "$verdict" = caught ] && caught=$((caught + 1)) colour=$green
  printf '%-36s %s%-10s%s %7s  %s\n' "$name" "$colour" "$verdict" "$plain" \
    "$(clock $((SECONDS - begin)))" "$caught_by"
done
printf '%d of %d faults caught\n' "$caught" "${#names[@]}"
[ "$caught" -eq "${#names[@]}" ]
