#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# More calls than acdd can take: its peak, a multiple of it, and what is left of the one in the other.
# bench/README.md says how it is measured. Exit code 3: a bound was not kept in some run.
#   bench/overload.sh [RUNS] [BIN_DIR] [DURABILITY] [OPTIONS of acd_event_load...]
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=deploy/console.sh
. deploy/console.sh
# shellcheck source=bench/daemon.sh
. bench/daemon.sh

runs=${1:-5}
bin=${2:-build/bench/bin}
durability=${3:-sync} # Or none.
shift $(($# < 3 ? $# : 3))
agents=$((16 * 6000)) # --streams times --lines, as by default.
mkdir -p build
work=$(mktemp -d "$PWD/build/overload.XXXXXX")

finish() {
  end_groups
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

fail() {
  echo "overload: $*" >&2
  for log in "$work"/*.log; do show_log "$log" >&2; done
  exit 1
}

broken=0
write_config "$agents" >"$work/config.yaml"
for ((run = 1; run <= runs; ++run)); do
  status=0
  start_daemon --durability "$durability"
  "$bin/acd_event_load" --traffic overload --target "$address" --server-pid "$daemon" --report "$work/report" "$@" \
    >"$work/load.log" 2>&1 || status=$?
  [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || fail "the load failed"
  stop_daemon
  if [ "$status" -eq 3 ]; then
    broken=3
    grep -E '^(goodput|memory|latency|lines|recovery): ' "$work/load.log" >&2
  fi
  cut -d = -f 2 "$work/report" | paste -s -d ' ' >>"$work/runs"
  awk -F = -v run="$run" '{ value[$1] = $2 } END { printf "run %d: peak %d events/s, goodput %.3f of it, p99 of arrivals %d us, memory %.1f bytes a call\n", run,
    value["peak_events_per_s"], value["goodput_share"], value["arrival_ack_p99_us"], value["memory_bytes_per_call"] }' "$work/report"
done
printf '\n| figure | median [least-largest] |\n|---|---|\n'
column=1
while IFS='=' read -r name _; do
  printf '| %s | %s |\n' "$name" "$(span "$work/runs" "$column")"
  column=$((column + 1))
done <"$work/report"
exit "$broken"
