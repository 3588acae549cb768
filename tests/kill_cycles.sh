#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Kills the daemon with SIGKILL at random moments under load, one cycle after the other, some of them
# while it recovers. Whenever a replay ends, its checker has found nothing acknowledged lost, no call
# in two places, no agent over capacity; chats, transfers, consults, callbacks, outcomes and more are
# played among the calls (`mix`), and in half of the rounds queues open and close, and customers may be
# called in the daytime alone. Whenever the daemon starts, its replay of the journal gave the event hash
# of every frame. In every second round snapshots cut the journal under the load. After each other round
# the oracle plays the journal, too: it decides the same, and ends with the state hash with which the
# daemon stopped. A driven clock has one conductor, so there is one switch, and no rule of reach.
#   ACD_BIN_DIR=build/release/bin tests/kill_cycles.sh [CYCLES] [SEED]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=deploy/console.sh
. deploy/console.sh

bin=${ACD_BIN_DIR:-build/release/bin}
judge=$bin/../tests/bin/journal_judge
if [[ ! ${1:-1}${2:-1} =~ ^[0-9]+$ ]]; then
  printf 'Usage: tests/kill_cycles.sh [CYCLES] [SEED], both whole numbers; the first lines say what it does\n' >&2
  exit 2
fi
cycles=${1:-100}
seed=${2:-$((10#$(date +%N) % 32768))}
RANDOM=$seed
calls=sim/data/bank-1999-01.csv.gz
mix=chat=20,email=10,transfer=10,consult=10,supervisor=10,outside=5,callback=40,outcome=50,label=20,quality=20,followup=10,desktop=10,auto=15,nailed_up=15,wrapup=50
ready_tries=1500 # Of 0.02 s.
work=$(mktemp -d "${TMPDIR:-/tmp}/acd-kill-cycles.XXXXXX")
address=127.0.0.1:0
daemon=0
replay=0
round=0

fail() {
  printf 'kill_cycles: %s (seed %d, round %d)\n' "$1" "$seed" "$round"
  for log in "$work"/*.log; do show_log "$log"; done
  exit 1
}

finish() {
  end_groups
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

launch_daemon() {
  rm -f "$work/port"
  start_group "$work/acdd.log" "$bin/acdd" --config "$work/bank.yaml" --data-dir "$work/data" \
    --listen "$address" --http none --clock driven --snapshot-every $((RANDOM % 20000 + 200)) \
    --journal-segment-bytes "$segment_bytes" --port-file "$work/port"
  daemon=$started_pid
}

await_daemon() {
  local tries=$ready_tries
  until [ -s "$work/port" ]; do
    kill -0 "$daemon" 2>/dev/null || fail 'acdd ended instead of getting ready'
    [ $((tries -= 1)) -gt 0 ] || fail 'acdd did not get ready'
    sleep 0.02
  done
  address=$(head -n 1 "$work/port")
}

kill_daemon() {
  kill -KILL -- "-$daemon" 2>/dev/null || kill -KILL "$daemon"
  wait "$daemon" 2>/dev/null || true
  forget_group "$daemon"
}

# A new journal, and a replay that goes on through all kills until it ends.
begin_round() {
  round=$((round + 1))
  # In every second round the journal is long enough to be cut behind its snapshots; in the others it stays
  # whole, for the oracle.
  local last_day=1999-01-02
  segment_bytes=67108864
  [ $((round % 2)) -eq 1 ] || last_day=1999-01-04 segment_bytes=2097152
  local config=mix callback_hours=0-24 # Two of four rounds have opening hours.
  case $((round % 4)) in 2 | 3) config=hours callback_hours=6-18 ;; esac
  cp "$work/$config.yaml" "$work/bank.yaml"
  rm -rf "$work/data"
  launch_daemon
  await_daemon
  start_group "$work/replay.log" "$bin/acdsim" replay "$calls" --target "$address" --tenant bank \
    --speed max --to "$last_day" --mix "$mix" --callback-hours "$callback_hours"
  replay=$started_pid
}

# The replay has ended, or is to: its checker has the last word.
end_round() {
  local status=0
  wait "$replay" || status=$?
  forget_group "$replay"
  [ "$status" -eq 0 ] || fail "the replay ended with exit code $status"
  kill -TERM "$daemon"
  wait "$daemon" || fail 'acdd did not stop cleanly'
  forget_group "$daemon"
  # Labels stand in history alone; the first one of every call that has any is the same.
  local told kept
  told=$(grep -oE '[0-9]+ labelled' "$work/replay.log" | tail -n 1 | cut -d' ' -f1)
  kept=$("$bin/acdctl" history calls --data-dir "$work/data" --csv | grep -c angry || true)
  [ "$kept" -eq "$told" ] || fail "history has labels of $kept calls, of $told they were told"
  if [ "$segment_bytes" -lt 67108864 ]; then
    [ ! -e "$work/data/main/00000000000000000001.segment" ] || fail 'the journal was never cut'
    return
  fi
  "$judge" "$work/data/main" >"$work/judge.hash" 2>"$work/judge.log" || fail 'the oracle decides differently'
  grep -qFx -f "$work/judge.hash" "$work/acdd.log" || fail "the oracle's replay ends in another state"
}

# How often the replay has found its way back to a daemon.
returns() {
  grep -c 'the connection is back' "$work/replay.log" || true
}

# await_load RETURNS: until the replay goes on behind a restart, or has ended.
await_load() {
  local tries=$ready_tries
  until [ "$(returns)" -gt "$1" ]; do
    kill -0 "$replay" 2>/dev/null || return 0
    [ $((tries -= 1)) -gt 0 ] || fail 'the replay did not come back'
    sleep 0.02
  done
}

# pause MOST: up to so many milliseconds.
pause() {
  sleep "$(printf '0.%03d' $((RANDOM % $1)))"
}

"$bin/acdsim" bank-config "$calls" --mix >"$work/mix.yaml" || fail 'no configuration'
# With queues that open and close by a calendar, which turns nobody away as nothing limits who enters, and by another
# one call customers in the daytime alone.
sed -e 's/^    queues:$/    calendars:\n      - {id: office, time_zone: Asia\/Jerusalem, weekly: [{days: [sun, mon, tue, wed, thu], hours: ["08:00-13:00", "14:00-20:00"]}]}\n      - {id: daytime, time_zone: UTC, weekly: [{days: [sun, mon, tue, wed, thu, fri, sat], hours: ["06:00-18:00"]}]}\n&/' \
  -e 's/^        callback: {/        calendar: office\n&calendar: daytime, /' "$work/mix.yaml" >"$work/hours.yaml"
grep -q 'calendar: office' "$work/hours.yaml" && grep -q 'calendar: daytime' "$work/hours.yaml" ||
  fail 'no calendar in the configuration'
begin_round
early=0
for ((cycle = 1; cycle <= cycles; ++cycle)); do
  pause 400
  if ! kill -0 "$replay" 2>/dev/null; then
    end_round
    begin_round
    pause 400
  fi
  kill -0 "$daemon" 2>/dev/null || fail 'acdd ended by itself'
  returned=$(returns)
  kill_daemon
  if [ $((RANDOM % 5)) -eq 0 ]; then # Once more while it recovers.
    launch_daemon
    pause 150
    kill_daemon
    early=$((early + 1))
  fi
  if [ $((cycle % 10)) -eq 0 ]; then
    "$bin/acdctl" journal verify "$work/data" >"$work/verify.log" ||
      fail 'the journal of the killed acdd is not good'
  fi
  launch_daemon
  await_daemon
  await_load "$returned"
done
end_round
printf 'kill_cycles: %d kills under load and %d while recovering, in %d replays: nothing lost (seed %d)\n' \
  "$cycles" "$early" "$round" "$seed"
