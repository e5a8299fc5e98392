#!/usr/bin/env bash
# Builds what is needed and prints the table of planted bugs: who found each, after how many seeds and seconds.
# Takes the options of planted.py, and the names of the bugs that are wanted.
set -euo pipefail
cd "$(dirname "$0")/../.."

mkdir -p build
{
  [ -f build/debug/build.ninja ] || cmake --preset debug
  cmake --build --preset debug --target simulate
} >build/planted.log 2>&1 || { cat build/planted.log; exit 1; }
exec python3 -B tests/planted/planted.py build/debug/bin/simulate "$@"
