# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# What the measurements of a whole acdd share. Sourced, with `set -u`, behind deploy/console.sh; needs `work`, a
# folder, `bin`, that of the programs, and fail().

ready_tries=1200 # Of 0.05 s.

# write_config AGENTS >FILE: one tenant, one queue, agents of one skill.
write_config() {
  cat <<'TEXT'
tenants:
  - id: bench
    skills: [voice]
    queues: [{id: bench, requirement: voice >= 1, members: all, wrap_up: {mode: none}, offer_timeout: 600s, connect_timeout: 600s}]
    agents:
TEXT
  seq -f '      - {id: a%05.0f, skills: {voice: 5}}' 0 $(($1 - 1))
}

# start_daemon OPTIONS...: on a fresh data folder, with $work/config.yaml; sets `daemon` and `address`.
start_daemon() {
  local tries=$ready_tries
  rm -rf "$work/data" "$work/port" "$work/acdd.log"
  start_group "$work/acdd.log" "$bin/acdd" --config "$work/config.yaml" --data-dir "$work/data" --history off \
    --listen 127.0.0.1:0 --http none --port-file "$work/port" "$@"
  daemon=$started_pid
  until [ -s "$work/port" ]; do
    kill -0 "$daemon" 2>/dev/null || fail "acdd ended instead of getting ready"
    [ $((tries -= 1)) -gt 0 ] || fail "acdd did not get ready"
    sleep 0.05
  done
  address=$(head -n 1 "$work/port")
  sync -f "$work" # What one run left to write must not slow the next.
}

# Ends it and expects a clean stop.
stop_daemon() {
  local status=0
  kill -TERM "$daemon"
  wait "$daemon" || status=$?
  forget_group "$daemon"
  [ "$status" -eq 0 ] || fail "acdd ended with exit code $status"
}

# span FILE COLUMN: "median [least-largest]".
span() {
  cut -d ' ' -f "$2" "$1" | sort -g |
    awk '{ value[NR] = $1 } END { printf "%g [%g-%g]", value[int((NR + 1) / 2)], value[1], value[NR] }'
}
