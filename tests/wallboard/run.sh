#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The wallboard's tests: its store, the page before a made-up daemon, and the page that acdd serves,
# in Chromium.
#   tests/wallboard/run.sh BUILD_DIR [TEST...]   board, connection, figures, page, daemon or load
# ACD_WALLBOARD_MEMORY_SECONDS=600 also looks at memory for so long.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

build=$(readlink -f "$1")
shift
work=$build/wallboard
tests=("${@:-}")
[ -n "${tests[0]}" ] || tests=(board connection figures page daemon load)

# Beside the page's own sources and packages, which they import.
rm -rf "$work/tests"
mkdir -p "$work/tests"
cp tests/wallboard/*.ts "$work/tests"
files=()
for test in "${tests[@]}"; do files+=("$work/tests/out/${test}_test.mjs"); done
"$work/node_modules/.bin/esbuild" "$work"/tests/*_test.ts --bundle --platform=node --format=esm \
  --packages=external --jsx=automatic --outdir="$work/tests/out" --out-extension:.js=.mjs \
  --log-level=warning

export ACD_SOURCE_DIR=$PWD ACD_BIN_DIR=$build/bin ACD_WALLBOARD_DIST=$work/dist
export ACD_WALLBOARD_SHOTS=${ACD_WALLBOARD_SHOTS:-$PWD/build/logs/wallboard}
export PYTHONPATH=$build/clients/python PYTHONDONTWRITEBYTECODE=1
# One after the other: they measure time. tests/run.sh counts "# pass N" and "# fail N".
exec node --test --test-concurrency=1 --test-reporter=tap "${files[@]}"
