#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Kills the daemon three times in the middle of a replay and starts it again: the replay resumes, ends,
# and its checker finds nothing acknowledged lost, while snapshots are written all the time, whose writer ends
# with the daemon. The replay plays more than voice calls (`mix`). Then kills the simulator: the daemon serves on.
#   ACD_BIN_DIR=build/release/bin tests/kill9.sh
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=deploy/console.sh
. deploy/console.sh

bin=${ACD_BIN_DIR:-build/release/bin}
calls=sim/data/bank-1999-01.csv.gz
last_day=1999-01-08
mix=chat=20,email=10,transfer=10,consult=10,supervisor=10,outside=5,callback=40,outcome=50,label=20,quality=20,followup=10,desktop=10,auto=15,nailed_up=15,wrapup=50
ready_tries=300     # Of 0.1 s.
progress_tries=6000 # Of 0.1 s.
work=$(mktemp -d "${TMPDIR:-/tmp}/acd-kill9.XXXXXX")
address=127.0.0.1:0
daemon=0
replay=0

fail() {
  printf 'kill9: %s\n' "$1"
  for log in "$work"/*.log; do show_log "$log"; done
  exit 1
}

finish() {
  end_groups
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# start_daemon DATA: serves at `address`, whose port stays the same from the first start on.
start_daemon() {
  rm -f "$work/port"
  start_group "$work/acdd.log" "$bin/acdd" --config "$work/bank.yaml" --data-dir "$1" \
    --listen "$address" --http none --clock driven --snapshot-every 1000 --port-file "$work/port"
  daemon=$started_pid
  local tries=$ready_tries
  until [ -s "$work/port" ] && address=$(head -n 1 "$work/port") &&
    "$bin/acdctl" --target "$address" health >/dev/null 2>&1; do
    kill -0 "$daemon" 2>/dev/null || fail "acdd ended instead of getting ready"
    [ $((tries -= 1)) -gt 0 ] || fail "acdd did not get ready"
    sleep 0.1
  done
}

start_replay() {
  start_group "$work/$1.log" "$bin/acdsim" replay "$calls" --target "$address" --tenant bank \
    --speed max --to "$last_day" --mix "$mix"
  replay=$started_pid
}

# No writer of snapshots outlives its daemon.
no_child_left() {
  local tries=$ready_tries
  while pgrep -f -- "--snapshot-child $work/data/main " >/dev/null; do
    [ $((tries -= 1)) -gt 0 ] || fail 'a writer of snapshots outlived acdd'
    sleep 0.1
  done
}

# wait_percent LOG PERCENT: until the replay says that it is so far. Fails when it ends before.
wait_percent() {
  local tries=$progress_tries percent
  while :; do
    percent=$(grep -oE '[0-9]+ ?%' "$1" 2>/dev/null | tail -n 1 | tr -d ' %' || true)
    [ "${percent:-0}" -ge "$2" ] && break
    kill -0 "$replay" 2>/dev/null || fail "the replay ended before $2 %"
    [ $((tries -= 1)) -gt 0 ] || fail "the replay did not come to $2 %"
    sleep 0.1
  done
}

kill_group() {
  kill -KILL -- "-$1"
  wait "$1" 2>/dev/null || true
  forget_group "$1"
}

"$bin/acdsim" bank-config "$calls" --mix >"$work/bank.yaml" || fail "no configuration"

start_daemon "$work/data"
start_replay resumed
for percent in 20 50 70; do
  wait_percent "$work/resumed.log" "$percent"
  kill -KILL "$daemon" # Alone: nobody else ends its child.
  wait "$daemon" 2>/dev/null || true
  no_child_left
  forget_group "$daemon"
  kill -0 "$replay" 2>/dev/null || fail "the replay did not outlive the daemon"
  printf 'kill9: killed acdd at %s %%\n' "$percent"
  "$bin/acdctl" journal verify "$work/data" || fail "the journal of the killed acdd is not good"
  start_daemon "$work/data"
done
grep -q 'journal replayed: .* snapshot=[1-9]' "$work/acdd.log" || fail 'no start began with a snapshot'
status=0
wait "$replay" || status=$?
forget_group "$replay"
[ "$status" -eq 0 ] || fail "the replay ended with exit code $status"
printf 'kill9: the replay went on three times and found nothing lost\n'
kill_group "$daemon"

# What history kept through the kills is what a whole replay of the journal gives.
start_daemon "$work/data"
kill -TERM "$daemon"
wait "$daemon" || fail "acdd did not stop cleanly after its history was filled in"
forget_group "$daemon"
dump_history() {
  local what
  for what in calls talks queues agents; do
    "$bin/acdctl" history "$what" --data-dir "$work/data" --csv || fail "acdctl history $what failed"
  done
  "$bin/acdctl" history export - --queue-log --data-dir "$work/data" || fail 'no queue_log'
}
dump_history >"$work/history-kept.txt"
rm "$work/data/main/history.sqlite"
start_daemon "$work/data"
kill -TERM "$daemon"
wait "$daemon" || fail "acdd did not stop cleanly after its history was made anew"
forget_group "$daemon"
dump_history >"$work/history-anew.txt"
cmp "$work/history-kept.txt" "$work/history-anew.txt" || fail 'history differs from a replay of the journal'
rows=$(wc -l <"$work/history-kept.txt")
[ "$rows" -gt 10000 ] || fail "history has only $rows rows"
printf 'kill9: history is complete, %s rows, none twice\n' "$rows"

"$bin/acdctl" backup "$work/data" "$work/backup" || fail "no backup"
"$bin/acdctl" restore "$work/backup" "$work/restored" || fail "the backup does not come back"
start_daemon "$work/restored"
"$bin/acdctl" --target "$address" queues >/dev/null || fail "acdd does not answer from the backup"
kill_group "$daemon"
printf 'kill9: a backup came back, and acdd serves from it\n'

start_daemon "$work/data-of-second"
start_replay cut
wait_percent "$work/cut.log" 20
kill_group "$replay"
"$bin/acdctl" --target "$address" health >/dev/null || fail "acdd does not serve without its switch"
"$bin/acdctl" --target "$address" queues >/dev/null || fail "acdd does not answer without its switch"
kill -TERM "$daemon"
status=0
wait "$daemon" || status=$?
forget_group "$daemon"
[ "$status" -eq 0 ] || fail "acdd ended with exit code $status after its switch was killed"
printf 'kill9: acdd serves on without the simulator, and stops cleanly\n'
