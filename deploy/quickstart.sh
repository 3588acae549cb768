#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh machine to a daemon that routes one busy day of a real bank's calls, with tables to look at.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=deploy/console.sh
. deploy/console.sh

usage() {
  cat <<'END'
Usage: deploy/quickstart.sh [--once] [--port N] [--speed N|max] [--keep]

Installs what is missing, builds, starts acdd, plays one day of a real bank's calls and shows how the
queues and agents fared.

  --once     play the day as fast as it goes, show the tables, stop, and exit with 0.
             Without it the day is played at 60 log seconds a second, and the daemon runs until Ctrl-C.
  --port N   where acdd listens on the loopback address (default 7710); the wallboard is at the port after it
  --speed N  log seconds a second, or max
  --keep     leave the data folder, and say where it is

Exit code 0 when all went well, 1 when something failed, 2 on wrong usage.
END
}

wrong_usage() {
  printf 'quickstart: %s\n\n' "$1" >&2
  usage >&2
  exit 2
}

once=false
keep=false
port=7710
speed=''
while [ $# -gt 0 ]; do
  case "$1" in
    --once) once=true ;;
    --keep) keep=true ;;
    --port)
      port=${2:-}
      shift
      ;;
    --port=*) port=${1#*=} ;;
    --speed)
      speed=${2:-}
      shift
      ;;
    --speed=*) speed=${1#*=} ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) wrong_usage "unknown argument $1" ;;
  esac
  shift || break
done
if ! [[ "$port" =~ ^[1-9][0-9]{0,4}$ ]] || [ "$port" -gt 65534 ]; then
  wrong_usage '--port wants 1..65534'
fi
if [ -z "$speed" ]; then
  speed=60
  if $once; then speed=max; fi
fi
[[ "$speed" =~ ^([1-9][0-9]*|max)$ ]] || wrong_usage '--speed wants a whole number from 1, or max'

calls=sim/data/bank-1999-01-day.csv.gz
bin=build/release/bin
target=127.0.0.1:$port
http=127.0.0.1:$((port + 1))
ready_tries=120 # Of 0.25 s.
stop_tries=300  # Of 0.1 s.
daemon=''
daemon_log=''
logs=$PWD/build/logs
mkdir -p "$logs"
data=$(mktemp -d "${TMPDIR:-/tmp}/acd-quickstart.XXXXXX")

finish() {
  end_groups
  if $keep; then printf 'The data folder is left in %s\n' "$data"; else rm -rf "$data"; fi
}
trap finish EXIT
trap 'printf "\n"; exit 130' INT TERM

step() {
  printf '%s[%s/6] %s%s\n' "$bold" "$1" "$2" "$plain"
}

# fail WHAT [WHAT TO DO]
fail() {
  printf '%squickstart: %s%s\n' "$red" "$1" "$plain" >&2
  if [ -n "${2:-}" ]; then printf '%s\n' "$2" >&2; fi
  if [ -n "$daemon_log" ] && [ -s "$daemon_log" ]; then
    printf 'The last lines of %s:\n' "$daemon_log" >&2
    tail -n 15 "$daemon_log" >&2
  fi
  exit 1
}

# build_step LABEL COMMAND...: a long command with its output in a log.
build_step() {
  local label=$1 begin=$SECONDS log=$logs/quickstart-$1.log
  shift
  rm -f "$log"
  if ! run_logged "$label" "$log" "$@"; then
    show_log "$log" >&2
    fail "$label failed" "The whole log is $log."
  fi
  printf '      %s: %s\n' "$label" "$(clock $((SECONDS - begin)))"
}

wait_ready() {
  local tries=$ready_tries
  until "$bin/acdctl" --target "$target" health >/dev/null 2>&1; do
    kill -0 "$daemon" 2>/dev/null ||
      fail 'acdd ended instead of getting ready' "Is port $port or the next one taken? Try --port N."
    [ $((tries -= 1)) -gt 0 ] || fail 'acdd did not get ready within 30 s'
    sleep 0.25
  done
  # Another daemon at the same port answers health as well; ours must be alive.
  kill -0 "$daemon" 2>/dev/null ||
    fail 'acdd ended, and something else answers' "Is port $port taken? Try --port N."
}

stop_daemon() {
  local tries=$stop_tries status=0
  kill -TERM "$daemon" 2>/dev/null || fail 'acdd had ended before it was stopped'
  while kill -0 "$daemon" 2>/dev/null; do
    [ $((tries -= 1)) -gt 0 ] || fail 'acdd did not stop within 30 s'
    sleep 0.1
  done
  wait "$daemon" || status=$?
  forget_group "$daemon"
  [ "$status" -eq 0 ] || fail "acdd ended with exit code $status"
}

step 1 'Packages'
build_step packages bash deploy/packages.sh build

step 2 'Build: acdd, acdsim, acdctl'
build_step configure cmake --preset release -DACD_BUILD_TESTS=OFF -DACD_BUILD_BENCH=OFF
build_step build cmake --build --preset release -j "$(nproc)" --target acdd acdsim acdctl

step 3 'Configuration: the queues, skills and agents that the call log shows'
"$bin/acdsim" bank-config "$calls" >"$data/bank.yaml" || fail "acdsim bank-config cannot read $calls"
printf '      %s lines of YAML\n' "$(wc -l <"$data/bank.yaml")"

step 4 "Start: acdd on $target"
daemon_log=$logs/quickstart-acdd.log
rm -f "$daemon_log"
start_group "$daemon_log" "$bin/acdd" --config "$data/bank.yaml" --data-dir "$data/journal" \
  --listen "$target" --http "$http" --clock driven
daemon=$started_pid
wait_ready
printf '      ready; wallboard: %shttp://%s/%s\n' "$bold" "$http" "$plain"

step 5 "Play: one day of calls, $([ "$speed" = max ] && echo 'as fast as it goes' ||
  echo "$speed log seconds a second")"
if ! $once; then
  printf '      look at it in a browser: %shttp://%s/%s, or from another terminal: %s%s/acdctl --target %s top%s\n' \
    "$bold" "$http" "$plain" "$bold" "$bin" "$target" "$plain"
fi
# In the foreground, so that it can draw its progress bar.
status=0
"$bin/acdsim" replay "$calls" --target "$target" --tenant bank --speed "$speed" || status=$?
[ "$status" -eq 0 ] || fail "the replay ended with exit code $status" \
  'Exit codes: 1 verification failed, 2 usage, 3 cannot read the log, 4 lost the daemon.'

step 6 'Look: what a supervisor sees'
"$bin/acdctl" --target "$target" queues || fail 'acdctl queues failed'
printf '\n'
"$bin/acdctl" --target "$target" agents || fail 'acdctl agents failed'

printf '\n'
"$bin/acdctl" history calls --data-dir "$data/journal" --limit 5 || fail 'acdctl history failed'

if ! $once; then
  printf '\nHistory: %s/acdctl history queues --data-dir %s\n' "$bin" "$data/journal"
  printf '\nacdd serves on at %s, the wallboard at http://%s/. Ctrl-C ends it.\n' "$target" "$http"
  printf 'Try: %s/acdctl --target %s help\n' "$bin" "$target"
  stopping=false
  trap 'stopping=true' INT TERM
  until $stopping; do
    kill -0 "$daemon" 2>/dev/null || fail 'acdd ended by itself'
    sleep 0.5 || true  # Ctrl-C ends the sleep as well.
  done
  printf '\n'
fi

stop_daemon
printf '\n%sDone%s in %s. acdd stopped cleanly; its last line:\n' "$green" "$plain" "$(clock "$SECONDS")"
tail -n 1 "$daemon_log"
