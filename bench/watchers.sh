#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What watchers cost: durable call events/s with none, with watchers of events and with wallboards, in turns.
# bench/README.md says how it is measured.
#   bench/watchers.sh [ROUNDS] [SECONDS] [BIN_DIR] [EVENT_WATCHERS] [WALLBOARDS]
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=deploy/console.sh
. deploy/console.sh
# shellcheck source=bench/daemon.sh
. bench/daemon.sh

rounds=${1:-5}
seconds=${2:-4}
bin=${3:-build/bench/bin}
events=${4:-2000}
wallboards=${5:-1000}
agents=10000
mkdir -p build
work=$(mktemp -d "$PWD/build/watchers.XXXXXX")

finish() {
  end_groups
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

fail() {
  echo "watchers: $*" >&2
  for log in "$work"/*.log; do show_log "$log" >&2; done
  exit 1
}

# play NAME [OPTIONS of acd_watch_load]: appends "events/s, us of the daemon's CPU an event, p50, p99, responses, ended" to NAME.
play() {
  local name=$1 watchers="" tries=$ready_tries
  shift
  # shellcheck disable=SC2119  # It needs no options.
  start_daemon
  rm -f "$work/watching"
  printf 'responses=0\nended=0\n' >"$work/watch.report"
  if [ $# -gt 0 ]; then
    start_group "$work/watch.log" "$bin/acd_watch_load" --target "$address" --ready-file "$work/watching" \
      --report "$work/watch.report" "$@"
    watchers=$started_pid
    until [ -s "$work/watching" ]; do
      kill -0 "$watchers" 2>/dev/null || fail "the watchers ended"
      [ $((tries -= 1)) -gt 0 ] || fail "the watchers do not watch"
      sleep 0.05
    done
  fi
  "$bin/acd_event_load" --traffic daemon --target "$address" --server-pid "$daemon" --report "$work/report" \
    --seconds "$seconds" --warmup-seconds 2 --agents "$agents" >"$work/load.log" 2>&1 || fail "the load failed"
  if [ -n "$watchers" ]; then
    kill -TERM "$watchers"
    wait "$watchers" || fail "the watchers failed"
    forget_group "$watchers"
  fi
  stop_daemon
  awk -F = '{ value[$1] = $2 } END { print value["events_per_s"], value["server_cpu_us_per_event"], value["rtt_p50_us"],
    value["rtt_p99_us"], value["responses"], value["ended"] }' "$work/report" "$work/watch.report" >>"$work/$name"
  [ "$name" = none ] || paste -d ' ' <(tail -n 1 "$work/none") <(tail -n 1 "$work/$name") | awk '{ printf "%.3f\n", $7 / $1 }' >>"$work/$name.ratio"
}

write_config "$agents" >"$work/config.yaml"
for ((round = 1; round <= rounds; ++round)); do
  play none
  play events --events "$events"
  play wallboards --wallboards "$wallboards"
done
printf '| | none | %d watchers of an agent each | %d wallboards |\n|---|---|---|---|\n' "$events" "$wallboards"
column=1
for name in 'events/s' 'daemon CPU, us an event' 'round trip p50, us' 'p99, us' 'responses read' 'streams that ended'; do
  printf '| %s | %s | %s | %s |\n' "$name" "$(span "$work/none" "$column")" "$(span "$work/events" "$column")" \
    "$(span "$work/wallboards" "$column")"
  column=$((column + 1))
done
printf '| events/s, ratio | | %s | %s |\n' "$(span "$work/events.ratio" 1)" "$(span "$work/wallboards.ratio" 1)"
