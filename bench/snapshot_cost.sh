#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What snapshots cost while calls go on: round trips of durable events with a snapshot written again and again,
# and with none, in pairs. bench/README.md says how it is measured.
#   bench/snapshot_cost.sh [PAIRS] [SECONDS] [EVERY] [BIN_DIR]
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=deploy/console.sh
. deploy/console.sh
# shellcheck source=bench/daemon.sh
. bench/daemon.sh

pairs=${1:-5}
seconds=${2:-20}
every=${3:-1000000} # Records a snapshot.
bin=${4:-build/bench/bin}
window=1 batch=64 agents=10000
mkdir -p build
work=$(mktemp -d "$PWD/build/snapshot_cost.XXXXXX")

finish() {
  end_groups
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

fail() {
  echo "snapshot_cost: $*" >&2
  for log in "$work"/*.log; do show_log "$log" >&2; done
  exit 1
}

# play EVERY: one run on a fresh journal; a line of "p50 p99 p99.9 events/s snapshots".
play() {
  start_daemon --snapshot-every "$1"
  "$bin/acd_event_load" --traffic daemon --target "$address" --server-pid "$daemon" \
    --report "$work/report" --seconds "$seconds" --batch "$batch" --window "$window" --agents "$agents" \
    >"$work/load.log" 2>&1 || fail "the load failed"
  stop_daemon
  awk -F = -v snapshots="$(grep -c 'snapshot written' "$work/acdd.log" || true)" '{ value[$1] = $2 }
    END { print value["rtt_p50_us"], value["rtt_p99_us"], value["rtt_p999_us"], value["events_per_s"], snapshots }' \
    "$work/report"
}

write_config "$agents" >"$work/config.yaml"
for ((pair = 1; pair <= pairs; ++pair)); do
  play 1000000000 >>"$work/without"
  play "$every" >>"$work/with"
  paste -d ' ' <(tail -n 1 "$work/without") <(tail -n 1 "$work/with") | awk -v pair="$pair" '
    { printf "pair %d: p99.9 %d us without, %d us with %d snapshots: %.2f\n", pair, $3, $8, $10, $8 / $3 }'
done
paste -d ' ' "$work/without" "$work/with" | awk '{ printf "%.3f\n", $8 / $3 }' >"$work/ratio"
printf '\n| round trip | without | a snapshot every %d records |\n|---|---|---|\n' "$every"
column=1
for name in 'p50, us' 'p99, us' 'p99.9, us' 'events/s' 'snapshots'; do
  printf '| %s | %s | %s |\n' "$name" "$(span "$work/without" "$column")" "$(span "$work/with" "$column")"
  column=$((column + 1))
done
printf '| p99.9, ratio | | %s |\n' "$(span "$work/ratio" 1)"
