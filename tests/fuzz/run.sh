#!/usr/bin/env bash
# Builds the targets with libFuzzer and the sanitizers, and runs each for AMENDS_FUZZ_SECONDS (10).
#
#   tests/fuzz/run.sh [--keep] [target...]      without a target: all of them
#
# What is found new stays in build/fuzz/found/TARGET, where the next run goes on. --keep merges it into
# tests/fuzz/corpus/TARGET, the smallest set with the same coverage.
# Exit: 0 nothing broke, 1 something did (the table names the input and the command that replays it), 2 usage.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${AMENDS_FUZZ_SECONDS:-10}
keep=no
if [ "${1:-}" = --keep ]; then keep=yes; shift; fi

mapfile -t all < <(cd tests/fuzz/targets && printf '%s\n' *.cpp | sed 's/\.cpp$//')
targets=("$@")
for target in "${targets[@]}"; do
  [[ " ${all[*]} " == *" $target "* ]] || { echo "usage: tests/fuzz/run.sh [--keep] [target...]    targets: ${all[*]}" >&2; exit 2; }
done
[ $# -gt 0 ] || targets=("${all[@]}")

# One compiler needs up to 1.5 GB.
jobs=$(nproc)
memory_gb=$(awk '/^MemAvailable/ {print int($2 / 1500000)}' /proc/meminfo)
if [ "$memory_gb" -lt "$jobs" ]; then jobs=$((memory_gb > 0 ? memory_gb : 1)); fi

tools/install_dependencies.sh build fuzz
mkdir -p build
cmake --preset fuzz >build/fuzz-configure.log 2>&1 || { cat build/fuzz-configure.log; exit 1; }
cmake --build build/fuzz --parallel "$jobs" --target "${targets[@]/#/fuzz_}"

out=build/fuzz/runs
rm -rf "$out"
mkdir -p "$out"

run_one() {
  local target=$1 out=$2 seconds=$3
  local found=build/fuzz/found/$target dictionary=tests/fuzz/dictionaries/$target.dict
  local directories=("$found")
  mkdir -p "$found" "$out/$target"
  for kind in corpus regressions; do
    if [ -d "tests/fuzz/$kind/$target" ]; then directories+=("tests/fuzz/$kind/$target"); fi
  done
  local options=(-max_total_time="$seconds" -print_final_stats=1 -timeout=10 -rss_limit_mb=2048
    -artifact_prefix="$out/$target/")
  # One that says nothing of its own lets the lengths grow slowly to 4096.
  if [ -f "$dictionary" ]; then options+=(-dict="$dictionary"); fi
  find "$found" -type f | wc -l >"$out/$target.before"
  local status=0
  "build/fuzz/fuzz/fuzz_$target" "${options[@]}" "${directories[@]}" >"$out/$target.log" 2>&1 || status=$?
  echo "$status" >"$out/$target.status"
}
export -f run_one
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c 'run_one "$@"' _ {} "$out" "$seconds"

echo
printf '%-18s %12s %10s %10s %8s\n' target executions features 'new files' crashes
broken=()
for target in "${targets[@]}"; do
  log=$out/$target.log
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -1)
  features=$(sed -n 's/.* ft: \([0-9]*\) .*/\1/p' "$log" | tail -1)
  crashes=$(find "$out/$target" -type f | wc -l)
  new=$(($(find "build/fuzz/found/$target" -type f | wc -l) - $(cat "$out/$target.before")))
  # It may die without leaving an input, in its own corpus or before the first.
  if [ "$crashes" -eq 0 ] && [ "$(cat "$out/$target.status")" -ne 0 ]; then crashes=1; fi
  printf '%-18s %12s %10s %10s %8s\n' "$target" "${executions:-?}" "${features:-?}" "$new" "$crashes"
  if [ "$crashes" -gt 0 ]; then broken+=("$target"); fi
done

for target in "${broken[@]}"; do
  echo
  grep -E 'broken:|ERROR:|runtime error:|SUMMARY:' "$out/$target.log" | head -5 || tail -20 "$out/$target.log"
  for file in "$out/$target"/*; do
    if [ -f "$file" ]; then echo "replay: build/fuzz/fuzz/fuzz_$target $file"; fi
  done
  echo "log: $out/$target.log"
done
[ ${#broken[@]} -eq 0 ] || exit 1

if [ "$keep" = yes ]; then
  for target in "${targets[@]}"; do
    mkdir -p "$out/merged/$target" "tests/fuzz/corpus/$target"
    # By edges alone: counts of loops would keep ten times as many files.
    "build/fuzz/fuzz/fuzz_$target" -set_cover_merge=1 -use_counters=0 "$out/merged/$target" "tests/fuzz/corpus/$target" "build/fuzz/found/$target" \
      >"$out/$target.merge.log" 2>&1
    rm -rf "tests/fuzz/corpus/$target"
    mv "$out/merged/$target" "tests/fuzz/corpus/$target"
  done
  du -sh --apparent-size tests/fuzz/corpus
fi
