#!/usr/bin/env bash
# Measures the engine, mostly as ratios within one run; medians of several (bench/README.md).
#
#   bench/run.sh [--json] [--quick] [--list] [--runs N] [--seconds S] [name...]
#
# --json prints one JSON object per line: name, value, unit, goal, at_least, runs. Progress goes to stderr.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/install_dependencies.sh build bench >&2
mkdir -p build
cmake --preset release >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 1; }
cmake --build --preset release --parallel 2 --target amends_bench bench_three amendsd >&2
exec build/release/bin/amends_bench "$@"
