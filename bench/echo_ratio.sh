#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The echo ratio: durable call events/s through acdd beside a raw gRPC echo of the same bytes, in pairs.
# bench/README.md says what it measures and what it does not.
set -euo pipefail
export LC_ALL=C

usage() {
  cat <<'TEXT'
bench/echo_ratio.sh [options]
  --pairs N              runs of acdd and of the echo, in turns            (default 5)
  --seconds S            measured time of a run                            (default 5)
  --warmup-seconds S     time before it                                    (default 1)
  --batch N              events a message                                  (default 64)
  --window N             messages without answer                           (default 16)
  --durability D         sync | none                                       (default sync)
  --history H            on | off: acdd's history file                     (default off)
  --transport T          tcp | unix                                        (default tcp)
  --agents N             agents logged in                                  (default 10000)
  --calls N              calls in rotation                                 (default 4096)
  --bin-dir DIR          the programs                                      (default build/bench/bin)
  --work-dir DIR         on the disk to measure; its data is removed       (default build/bench)
  --out FILE             figures as JSON, merged with other settings'      (default bench/out.json)
TEXT
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
pairs=5 seconds=5 warmup=1 batch=64 window=16 durability=sync history=off transport=tcp agents=10000 calls=4096
bin=$root/build/bench/bin work_parent=$root/build/bench out=$root/bench/out.json
start_tries=1200    # Of 0.05 s each, for a server to become ready: a minute.
stop_tries=600      # And to stop: half a minute.

fail() { echo "echo_ratio: $*" >&2; exit 1; }
usage_error() { echo "echo_ratio: $*" >&2; usage >&2; exit 2; }

while [[ $# -gt 0 ]]; do
  case $1 in
    --help) usage; exit 0 ;;
    --pairs | --seconds | --warmup-seconds | --batch | --window | --durability | --history | --transport | \
      --agents | --calls | --bin-dir | --work-dir | --out)
      [[ $# -ge 2 ]] || usage_error "$1 needs a value" ;;
    *) usage_error "unknown option $1" ;;
  esac
  case $1 in
    --pairs) pairs=$2 ;;
    --seconds) seconds=$2 ;;
    --warmup-seconds) warmup=$2 ;;
    --batch) batch=$2 ;;
    --window) window=$2 ;;
    --durability) durability=$2 ;;
    --history) history=$2 ;;
    --transport) transport=$2 ;;
    --agents) agents=$2 ;;
    --calls) calls=$2 ;;
    --bin-dir) bin=$2 ;;
    --work-dir) work_parent=$2 ;;
    --out) out=$2 ;;
  esac
  shift 2
done
[[ $pairs =~ ^[1-9][0-9]{0,2}$ ]] || usage_error "--pairs must be 1..999"
[[ $agents =~ ^[1-9][0-9]{0,4}$ ]] || usage_error "--agents must be 1..99999"
[[ $durability == sync || $durability == none ]] || usage_error "--durability must be sync or none"
[[ $transport == tcp || $transport == unix ]] || usage_error "--transport must be tcp or unix"
for program in acdd acd_event_load acd_echo_server; do
  [[ -x $bin/$program ]] || fail "no $bin/$program; build it first:
  cmake --preset bench && cmake --build --preset bench --target acdd acd_event_load acd_echo_server"
done

mkdir -p "$work_parent"
work=$(mktemp -d "$work_parent/echo_ratio.XXXXXX")
server=
cleanup() {
  if [[ -n $server ]]; then { kill -KILL "$server" && wait "$server"; } 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
filesystem=$(stat -f -c %T "$work")
if [[ $durability == sync && ($filesystem == tmpfs || $filesystem == ramfs) ]]; then
  fail "$work_parent is in memory ($filesystem): --durability sync needs a disk, see --work-dir"
fi

write_config() {
  cat <<'TEXT'
tenants:
  - id: bench
    skills: [voice]
    queues:
      - id: bench
        requirement: voice >= 1
        members: all
        wrap_up: {mode: none}
        offer_timeout: 600s
        connect_timeout: 600s
    agents:
TEXT
  awk -v count="$agents" \
    'BEGIN { for (i = 0; i < count; ++i) printf "      - id: a%05d\n        skills: {voice: 5}\n", i }'
}

# start_server LOG PROGRAM ARGS...: waits for the port file; sets `server` and `address`.
start_server() {
  local log=$1
  shift
  rm -f "$work/port"
  "$@" --port-file "$work/port" >"$log" 2>&1 &
  server=$!
  for ((try = 0; try < start_tries; ++try)); do
    if [[ -s $work/port ]]; then
      address=$(head -n 1 "$work/port")
      return
    fi
    kill -0 "$server" 2>/dev/null || break
    sleep 0.05
  done
  echo "echo_ratio: not ready: $*" >&2
  tail -n 20 "$log" >&2
  exit 1
}

# Ends the server and expects a clean stop.
stop_server() {
  local log=$1 code=0
  kill -TERM "$server"
  for ((try = 0; try < stop_tries; ++try)); do
    kill -0 "$server" 2>/dev/null || break
    sleep 0.05
  done
  kill -0 "$server" 2>/dev/null && fail "the server does not stop"
  wait "$server" || code=$?
  server=
  if [[ $code != 0 ]]; then
    tail -n 20 "$log" >&2
    fail "the server ended with exit code $code"
  fi
}

listen_address() {
  if [[ $transport == unix ]]; then echo "unix:$work/$1.sock"; else echo "127.0.0.1:0"; fi
}

# load TRAFFIC REPORT LOG: one run against the server.
load() {
  sync -f "$work"  # What one run left to write must not slow the next.
  "$bin/acd_event_load" --traffic "$1" --target "$address" --server-pid "$server" \
    --recording "$work/recording" --report "$2" --seconds "$seconds" --warmup-seconds "$warmup" \
    --batch "$batch" --window "$window" --agents "$agents" --calls "$calls" >"$work/load.log" 2>&1 || {
    cat "$work/load.log" >&2
    echo "last lines of the server:" >&2
    tail -n 20 "$3" >&2
    exit 1
  }
}

field() { sed -n "s/^$2=//p" "$1"; }

# Columns of pairs.tsv: the ratio, then six of acdd and six of the echo.
columns=(events_per_s client_cpu_us_per_event server_cpu_us_per_event rtt_p50_us rtt_p99_us
  replies_per_batch)

run_pair() {
  local daemon_report=$work/daemon.report echo_report=$work/echo.report
  mkdir "$work/data"
  start_server "$work/acdd.log" "$bin/acdd" --config "$work/config.yaml" --data-dir "$work/data" \
    --listen "$(listen_address acdd)" --durability "$durability" --history "$history"
  load daemon "$daemon_report" "$work/acdd.log"
  stop_server "$work/acdd.log"
  rm -rf "$work/data"

  reply_bytes=$(field "$daemon_report" reply_bytes_per_batch)
  request_bytes=$(field "$daemon_report" request_bytes_per_batch)
  start_server "$work/echo.log" "$bin/acd_echo_server" --reply-bytes "$reply_bytes" \
    --listen "$(listen_address echo)"
  load echo "$echo_report" "$work/echo.log"
  stop_server "$work/echo.log"
  rm -f "$work/recording"

  local row
  row=$(awk -v a="$(field "$daemon_report" events_per_s)" \
    -v b="$(field "$echo_report" events_per_s)" 'BEGIN { printf "%.4f", a / b }')
  for report in "$daemon_report" "$echo_report"; do
    for column in "${columns[@]}"; do row+=$'\t'$(field "$report" "$column"); done
  done
  echo "$row" >>"$work/pairs.tsv"
}

# summary COLUMN: median, min and max over the pairs.
summary() {
  cut -f "$1" "$work/pairs.tsv" | sort -g | awk '
    { value[NR] = $1 }
    END {
      middle = NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2
      print middle, value[1], value[NR]
    }'
}

# span COLUMN SCALE FORMAT: "median [min-max]" for people.
span() {
  summary "$1" | awk -v scale="$2" -v format="$3" \
    '{ printf format " [" format "-" format "]", $1 / scale, $2 / scale, $3 / scale }'
}

median() { summary "$1" | cut -d ' ' -f 1; }

# both COLUMN COLUMN FORMAT: two medians for people.
# shellcheck disable=SC2059  # The format is the argument.
both() { printf "$3 / $3" "$(median "$1")" "$(median "$2")"; }

print_line() { printf '%-22s %22s %22s\n' "$1" "$2" "$3"; }

print_table() {
  print_line "" "acdd --durability $durability" "echo"
  print_line "events/s, millions" "$(span 2 1e6 %.2f)" "$(span 8 1e6 %.2f)"
  print_line "client CPU, us/event" "$(span 3 1 %.3f)" "$(span 9 1 %.3f)"
  print_line "server CPU, us/event" "$(span 4 1 %.3f)" "$(span 10 1 %.3f)"
  print_line "round trip p50, us" "$(span 5 1 %.0f)" "$(span 11 1 %.0f)"
  print_line "round trip p99, us" "$(span 6 1 %.0f)" "$(span 12 1 %.0f)"
  print_line "replies a batch" "$(span 7 1 %.2f)" "$(span 13 1 %.2f)"
  print_line "echo ratio" "$(span 1 1 %.3f)" ""
}

print_row() {
  echo "| $date | $commit | $durability | $batch x $window, $transport | $(span 1 1 %.3f) |" \
    "$(span 2 1e6 %.2f) | $(span 8 1e6 %.2f) | $(both 3 4 %.3f) |" \
    "$(both 9 10 %.3f) | $(both 5 6 %.0f) | $(both 11 12 %.0f) |" \
    "$request_bytes / $reply_bytes | $machine; $filesystem; n=$pairs x $seconds s |"
}

# Keeps the keys of other settings that stand in the file.
write_json() {
  local suffix="b${batch}_$durability" new=$work/out.json
  [[ $transport == tcp ]] || suffix+=_$transport
  {
    [[ ! -f $out ]] || grep -E '^  "' "$out" | grep -v -E "^  \"[a-z_]+_$suffix\"" |
      sed 's/,$//' || true
    local key column
    local -A keys=([echo_ratio]=1 [acdd_events_per_s]=2 [acdd_client_cpu_us_per_event]=3
      [acdd_server_cpu_us_per_event]=4 [acdd_rtt_p50_us]=5 [acdd_rtt_p99_us]=6
      [echo_events_per_s]=8 [echo_client_cpu_us_per_event]=9 [echo_server_cpu_us_per_event]=10
      [echo_rtt_p50_us]=11 [echo_rtt_p99_us]=12)
    for key in $(printf '%s\n' "${!keys[@]}" | sort); do
      column=${keys[$key]}
      echo "  \"${key}_$suffix\": $(median "$column")"
    done
    summary 1 | awk -v suffix="$suffix" '
      { printf "  \"echo_ratio_min_%s\": %s\n  \"echo_ratio_max_%s\": %s\n", suffix, $2, suffix, $3 }'
    echo "  \"conditions_$suffix\": \"$date, $commit, $machine, $filesystem, window $window, $pairs pairs of $seconds s\""
  } >"$new.lines"
  { echo "{"; sed '$!s/$/,/' "$new.lines"; echo "}"; } >"$new"
  cp "$new" "$out"
}

date=$(date -u +%Y-%m-%d)
commit=$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo "no commit")
[[ -z $(git -C "$root" status --porcelain 2>/dev/null | head -n 1) ]] || commit+=+
machine="$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, kernel $(uname -r)"

echo "echo ratio: $pairs pairs of $seconds s, batch $batch, window $window, $transport," \
  "durability $durability, $agents agents, $calls calls"
echo "$machine; $filesystem; commit $commit; $date; load $(cut -d ' ' -f 1 /proc/loadavg)"
awk '{ exit !($1 > 0.5) }' /proc/loadavg &&
  echo "warning: the machine is not idle; the figures will be noisy" >&2
write_config >"$work/config.yaml"
for ((pair = 1; pair <= pairs; ++pair)); do
  run_pair
  tail -n 1 "$work/pairs.tsv" | awk -v pair="$pair" -F '\t' \
    '{ printf "pair %d: acdd %.2f M/s, echo %.2f M/s, ratio %.3f\n", pair, $2 / 1e6, $8 / 1e6, $1 }'
done
echo
print_table
echo
echo "Row for bench/RESULTS.md:"
print_row
write_json
