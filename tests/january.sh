#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Plays January through the daemon twice, each time from nothing: every call accounted for, the same
# state hash at the end, and the oracle decides all of it as the daemon did.
#   ACD_BIN_DIR=build/release/bin tests/january.sh [CALL_LOG]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=deploy/console.sh
. deploy/console.sh

bin=${ACD_BIN_DIR:-build/release/bin}
judge=$bin/../tests/bin/journal_judge
calls=${1:-sim/data/bank-1999-01.csv.gz}
ready_tries=300 # Of 0.1 s.
work=$(mktemp -d "${TMPDIR:-/tmp}/acd-january.XXXXXX")

fail() {
  printf 'january: %s\n' "$1"
  for log in "$work"/*.log; do show_log "$log"; done
  exit 1
}

finish() {
  end_groups
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# play NAME: one run from nothing; its state hash ends up in $work/NAME.hash.
play() {
  local tries=$ready_tries status=0 daemon
  start_group "$work/$1.log" "$bin/acdd" --config "$work/bank.yaml" --data-dir "$work/$1" \
    --listen 127.0.0.1:0 --clock driven --port-file "$work/$1.port"
  daemon=$started_pid
  until [ -s "$work/$1.port" ]; do
    kill -0 "$daemon" 2>/dev/null || fail "acdd ended instead of getting ready"
    [ $((tries -= 1)) -gt 0 ] || fail "acdd did not get ready"
    sleep 0.1
  done
  "$bin/acdsim" replay "$calls" --target "$(head -n 1 "$work/$1.port")" --tenant bank --speed max \
    >"$work/$1.report.log" 2>&1 || fail "the replay found a fault"
  kill -TERM "$daemon"
  wait "$daemon" || status=$?
  forget_group "$daemon"
  [ "$status" -eq 0 ] || fail "acdd ended with exit code $status"
  tail -n 1 "$work/$1.log" >"$work/$1.hash"
  grep -q '^state hash [0-9a-f]\{16\}$' "$work/$1.hash" || fail "acdd's last line is no state hash"
  "$judge" "$work/$1/main" >"$work/$1.judged" 2>"$work/$1.judge.log" || fail "the oracle decides differently"
  cmp -s "$work/$1.hash" "$work/$1.judged" || fail "the oracle's replay ends in another state"
  rm -rf "${work:?}/$1"
}

"$bin/acdsim" bank-config "$calls" >"$work/bank.yaml" || fail "no configuration"
play first
play second
grep -vE '^ *[0-9]+ %' "$work/second.report.log"
cmp -s "$work/first.hash" "$work/second.hash" ||
  fail "two runs ended differently: $(cat "$work/first.hash"), $(cat "$work/second.hash")"
printf 'january: two runs, one result: %s\n' "$(cat "$work/first.hash")"
