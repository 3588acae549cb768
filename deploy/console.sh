# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the scripts share: progress of long commands, bounded output, processes that never outlive a script.
# Sourced, with `set -u`; needs nothing but bash and coreutils.

# Colours only on a terminal that wants them.
# shellcheck disable=SC2034  # The scripts use them.
bold='' red='' green='' dim='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
  bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' dim=$'\e[2m' plain=$'\e[0m'
fi

# Process groups to end with this script.
console_groups=()

# 75 -> "1:15"
clock() {
  printf '%d:%02d' $(($1 / 60)) $(($1 % 60))
}

# Starts "$@" in a process group of its own, writing to LOG, and sets started_pid. A Ctrl-C thus reaches
# this script alone, which ends its children in order.
start_group() {
  local log=$1
  shift
  setsid "$@" >>"$log" 2>&1 </dev/null &
  started_pid=$!
  console_groups+=("$started_pid")
}

# A group that has ended by itself needs no end_groups().
forget_group() {
  local pid kept=()
  for pid in "${console_groups[@]}"; do [ "$pid" = "$1" ] || kept+=("$pid"); done
  console_groups=("${kept[@]}")
}

# Ends the groups that are left, politely first. For an EXIT trap.
end_groups() {
  local pid tries
  for pid in "${console_groups[@]}"; do kill -TERM -- "-$pid" 2>/dev/null || true; done
  for pid in "${console_groups[@]}"; do
    tries=100
    while kill -0 -- "-$pid" 2>/dev/null && [ $((tries -= 1)) -gt 0 ]; do sleep 0.1; done
    kill -KILL -- "-$pid" 2>/dev/null || true
  done
  console_groups=()
}

# What a log says of its progress: ninja's last "[12/345]", else nothing.
progress_of() {
  tail -n 5 "$1" 2>/dev/null | grep -oE '^\[[0-9]+/[0-9]+\]' | tail -n 1
}

# run_logged LABEL LOG COMMAND...: runs the command with its output in LOG and says every minute (on a
# terminal: every second) how long it has taken. Returns its exit code.
run_logged() {
  local label=$1 log=$2 begin=$SECONDS told=$SECONDS status=0
  shift 2
  start_group "$log" "$@"
  local pid=$started_pid
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.3
    if [ -t 1 ]; then
      printf '\r\e[K  %s%s  %s %s%s' "$dim" "$label" "$(clock $((SECONDS - begin)))" \
        "$(progress_of "$log")" "$plain"
    elif [ $((SECONDS - told)) -ge 60 ]; then
      told=$SECONDS
      printf '  %s: %s so far %s\n' "$label" "$(clock $((SECONDS - begin)))" "$(progress_of "$log")"
    fi
  done
  wait "$pid" || status=$?
  if [ -t 1 ]; then printf '\r\e[K'; fi
  # Whatever the command left behind in its group goes with it.
  kill -KILL -- "-$pid" 2>/dev/null || true
  forget_group "$pid"
  return "$status"
}

# The lines of LOG that matter after a failure: compiler and linker errors first, then its end.
show_log() {
  local log=$1
  printf '%s\n' "${dim}--- $log${plain}"
  { grep -nE '([Ee]rror|FAILED|undefined reference|undefined symbol)(:| )' "$log" || true; } |
    cut -c 1-300 | head -n 15
  printf '%s\n' "${dim}--- its last lines${plain}"
  tail -n "${2:-30}" "$log" | cut -c 1-300
  printf '%s\n' "${dim}---${plain}"
}
