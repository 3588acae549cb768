#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the load against the echo server for a moment: both still work together.
#   bench/smoke.sh BIN_DIR
set -euo pipefail

bin=${1:?usage: bench/smoke.sh BIN_DIR}
work=$(mktemp -d)
server=
cleanup() {
  if [[ -n $server ]]; then kill "$server" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT

"$bin/acd_echo_server" --listen "unix:$work/echo.sock" --port-file "$work/port" --reply-bytes 700 &
server=$!
for _ in $(seq 200); do
  [[ -s $work/port ]] && break
  kill -0 "$server" 2>/dev/null || { echo "bench_smoke: the echo server ended at its start" >&2; exit 1; }
  sleep 0.05
done

"$bin/acd_event_load" --target "$(<"$work/port")" --traffic echo --server-pid "$server" \
  --seconds 0.3 --warmup-seconds 0.05 --report "$work/report"

field() { sed -n "s/^$1=//p" "$work/report"; }
[[ $(field reply_bytes_per_batch) == 700 ]] || { echo "bench_smoke: wrong size of replies" >&2; exit 1; }
[[ $(field events) -gt 0 ]] || { echo "bench_smoke: no events" >&2; exit 1; }
awk -v cpu="$(field server_cpu_us_per_event)" 'BEGIN { exit !(cpu > 0) }' ||
  { echo "bench_smoke: no CPU time of the server" >&2; exit 1; }

kill -TERM "$server"
wait "$server" || { echo "bench_smoke: the echo server did not stop cleanly" >&2; exit 1; }
server=
