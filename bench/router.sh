#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures the Router alone and prints tables for RESULTS.md: medians [min-max] of the repetitions.
#   bench/router.sh [--repetitions N] [--filter REGEX] [--bin ROUTER_BENCH] [--out FILE.json] [--tiny]
# Without --bin it builds the preset `bench` first. FILE.json gets the medians.
set -euo pipefail

root=$(dirname "$(readlink -f "$0")")/..
repetitions=5
filter=.
bin=
out=$root/build/bench/router.json
extra=()
while (($#)); do
  case $1 in
    --repetitions) repetitions=${2:?}; shift 2 ;;
    --filter) filter=${2:?}; shift 2 ;;
    --bin) bin=$(readlink -f "${2:?}"); shift 2 ;;
    --out) out=$(readlink -f "${2:?}"); shift 2 ;;
    --tiny) extra+=(--tiny); shift ;;
    *) echo "router.sh: unknown argument: $1" >&2; exit 2 ;;
  esac
done
cd "$root"
if [[ -z $bin ]]; then
  cmake --preset bench >&2
  cmake --build --preset bench --target router_bench >&2
  bin=build/bench/bin/router_bench
fi
awk '{ exit !($1 > 0.5) }' /proc/loadavg &&
  echo "router.sh: the machine is not idle: load $(cut -d ' ' -f 1-3 /proc/loadavg)" >&2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$bin" "${extra[@]}" --benchmark_filter="$filter" --benchmark_repetitions="$repetitions" \
  --benchmark_out="$work/raw.json" --benchmark_out_format=json >&2

# Google Benchmark writes one field a line. Out come: row, field, value; one line a repetition.
awk -F '"' '
  $2 == "name" { row = $4; sub(/\/(iterations|repeats):.*/, "", row) }
  $2 == "run_type" { counts = $4 == "iteration" }
  $2 == "error_occurred" { counts = 0 }
  counts && $3 ~ /^: *[-+0-9.]+(e[-+]?[0-9]+)?,?$/ {
    value = $3; sub(/^: */, "", value); sub(/,$/, "", value)
    if ($2 !~ /^(family_index|per_family_instance_index|repetitions|repetition_index|threads|iterations)$/)
      printf "%s\t%s\t%.10g\n", row, $2, value
  }' "$work/raw.json" > "$work/values.tsv"

# One line a row and field: median, least, largest. Rows stay in the order of the run.
awk -F '\t' '!seen[$1]++ { order[$1] = ++rows } { print order[$1] "\t" $0 }' "$work/values.tsv" |
  sort -t $'\t' -k 1,1n -k 3,3 -k 4,4g | awk -F '\t' '
    function flush(  middle) {
      if (count == 0) return
      middle = count % 2 ? all[(count + 1) / 2] : (all[count / 2] + all[count / 2 + 1]) / 2
      printf "%s\t%s\t%.10g\t%.10g\t%.10g\n", row, field, middle, all[1], all[count]
      count = 0
    }
    $2 != row || $3 != field { flush(); row = $2; field = $3 }
    { all[++count] = $4 }
    END { flush() }' > "$work/medians.tsv"
[[ -s $work/medians.tsv ]] || { echo "router.sh: no row was measured" >&2; exit 1; }

mkdir -p "$(dirname "$out")"
awk -F '\t' '
  BEGIN { printf "{" }
  $1 != row { printf "%s\n  \"%s\": {", row == "" ? "" : "}," , $1; row = $1; comma = "" }
  { printf "%s\"%s\": %s", comma, $2, $3; comma = ", " }
  END { print "}\n}" }' "$work/medians.tsv" > "$out"

echo "Commit $(git describe --always --dirty=+), $repetitions repetitions, $(nproc) cores," \
  "load $(cut -d ' ' -f 1-3 /proc/loadavg) at the end."
awk -F '\t' '
  function has(row, field) { return (row, field) in median }
  function range(row, field, scale, format) {
    return sprintf(format " [" format "-" format "]", median[row, field] / scale,
                   least[row, field] / scale, largest[row, field] / scale)
  }
  function growth(from, to,  row, small, large) {
    row = from; sub(/agents:1000($|\/)/, "agents:100000&", row); sub(/agents:100000agents:1000/, "agents:100000", row)
    if (!has(row, to)) return
    small = median[from, to]; large = median[row, to]
    printf "| %s | %.0f %% | %s |\n", from, 100 * (small / large - 1), small <= 2 * large ? "yes" : "no"
  }
  !($1 in known) { known[$1] = 1; rows[++count] = $1 }
  { median[$1, $2] = $3; least[$1, $2] = $4; largest[$1, $2] = $5 }
  END {
    print "\n| row | M commands/s | p50 ns | p99 ns | p99.9 ns |\n|---|---|---|---|---|"
    for (i = 1; i <= count; ++i) if (has(rows[i], "p99_ns"))
      printf "| %s | %s | %s | %s | %s |\n", rows[i], range(rows[i], "commands/s", 1e6, "%.2f"),
        range(rows[i], "p50_ns", 1, "%.0f"), range(rows[i], "p99_ns", 1, "%.0f"),
        range(rows[i], "p99.9_ns", 1, "%.0f")
    print "\n| bulk row | longest turn us | the same, CPU us | turns |\n|---|---|---|---|"
    for (i = 1; i <= count; ++i) if (has(rows[i], "longest_turn_us"))
      printf "| %s | %s | %s | %.0f |\n", rows[i], range(rows[i], "longest_turn_us", 1, "%.0f"),
        range(rows[i], "longest_turn_cpu_us", 1, "%.0f"), median[rows[i], "turns"]
    print "\n| question | us | longest us |\n|---|---|---|"
    for (i = 1; i <= count; ++i) if (has(rows[i], "question_p50_us"))
      printf "| %s | %s | %s |\n", rows[i], range(rows[i], "question_p50_us", 1, "%.0f"),
        range(rows[i], "longest_question_us", 1, "%.0f")
    print "\n| memory row | bytes |\n|---|---|"
    split("bytes/known_agent bytes/agent bytes/waiting_call", sizes, " ")
    for (i = 1; i <= count; ++i) for (f = 1; f <= 3; ++f) if (has(rows[i], sizes[f]))
      printf "| %s, %s | %s |\n", rows[i], sizes[f], range(rows[i], sizes[f], 1, "%.0f")
    print "\n| reference | value |\n|---|---|"
    for (i = 1; i <= count; ++i) {
      if (rows[i] ~ /^dependent_read/) printf "| %s | %s ns |\n", rows[i], range(rows[i], "cpu_time", 1, "%.1f")
      if (rows[i] ~ /^bare/) printf "| %s | %s M commands/s |\n", rows[i], range(rows[i], "commands/s", 1e6, "%.2f")
      if (rows[i] == "lifecycle_busy/agents:1000") printf "| two clock reads | %.0f ns |\n", median[rows[i], "clock_ns"]
    }
    for (i = 1; i <= count; ++i) {
      bare = rows[i]
      if (bare !~ /^lifecycle_(busy|idle)\/agents/) continue
      sub(/^lifecycle_busy/, "bare_busy", bare)
      if (sub(/^lifecycle_idle/, "bare_idle_10", bare) && !sub(/\/idle:10$/, "", bare)) continue
      if (has(bare, "commands/s"))
        printf "| %s / %s | %.2f |\n", rows[i], bare, median[rows[i], "commands/s"] / median[bare, "commands/s"]
    }
    print "\n| from 1,000 to 100,000 agents | time a command grows by | flat within 2x |\n|---|---|---|"
    for (i = 1; i <= count; ++i) if (rows[i] ~ /agents:1000(\/|$)/) growth(rows[i], "commands/s")
  }' "$work/medians.tsv"

# A row that failed has no figures; the run has not passed.
if grep -q '"error_occurred": true' "$work/raw.json"; then
  echo "router.sh: a row failed:" >&2
  grep -B 12 -A 1 '"error_occurred": true' "$work/raw.json" | grep -E '"(name|error_message)"' >&2
  exit 1
fi
