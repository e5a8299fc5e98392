#!/usr/bin/env bash
# Installs what is missing, builds, and runs the tests through CTest. Ends with CTest's closing line.
#
#   tests/run.sh [--preset debug|asan|tsan] [group...]
#   tests/run.sh simulate SEED=n [SET='name=value ...'] [PLANT=name] [--trace]     repeats one simulated run
#   tests/run.sh planted      who finds which planted bug: builds what that needs, and prints the table
#   tests/run.sh nightly [--minutes 30] [...]     the long run and its report: tests/nightly.py
#
# Groups: unit conformance properties simulate planted compile_fail tidy rest checker crash chaos engines samples fuzz
# Without a group: all of them; under a sanitizer those that run the engine's own code within their time limits, which
# are unit, conformance, properties, simulate and rest.
# fuzz replays the inputs of tests/fuzz; asked for by name it also runs libFuzzer on each target (tests/fuzz/run.sh).
# Exit: 0 all passed, 1 something failed, 2 usage.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${1:-}" = simulate ] && [ $# -gt 1 ] && [[ "$2" =~ = ]]; then
  shift
  exec tests/simulation/run.sh "$@"
fi

all=(unit conformance properties simulate planted compile_fail tidy rest checker crash chaos engines samples fuzz)
usage() {
  echo "usage: tests/run.sh [--preset debug|asan|tsan] [group...]    groups: ${all[*]}" >&2
  exit 2
}
if [ "$*" = planted ]; then
  tools/install_dependencies.sh build tests
  exec tests/planted/run.sh
fi
if [ "${1:-}" = nightly ]; then
  shift
  tools/install_dependencies.sh build tests fuzz
  exec tests/nightly.py "$@"
fi
preset=debug
if [ "${1:-}" = --preset ]; then
  [[ "${2:-}" =~ ^(debug|asan|tsan)$ ]] || usage
  preset=$2
  shift 2
fi
groups=("$@")
for group in "${groups[@]}"; do
  [[ " ${all[*]} " == *" $group "* ]] || usage
done
if [ $# -eq 0 ]; then
  groups=("${all[@]}")
  [ "$preset" = debug ] || groups=(unit conformance properties simulate rest)
fi
export UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"
export TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp:${TSAN_OPTIONS:-}"

# One compiler needs up to 1.5 GB; a job per core is too many on a small machine.
jobs=$(nproc)
memory_gb=$(awk '/^MemAvailable/ {print int($2 / 1500000)}' /proc/meminfo)
if [ "$memory_gb" -lt "$jobs" ]; then jobs=$((memory_gb > 0 ? memory_gb : 1)); fi

phases=()
phase() {
  local name=$1 begin=$SECONDS status=0
  shift
  "$@" || status=$?
  phases+=("$name $((SECONDS - begin)) s")
  if [ "$status" -ne 0 ]; then
    echo "tests/run.sh: $name failed" >&2
    exit 1
  fi
}

install() {
  local packages=(build tests)
  if [[ " ${groups[*]} " == *" tidy "* ]]; then packages+=(lint); fi
  tools/install_dependencies.sh "${packages[@]}"
}
configure() { cmake --preset "$preset" >build/configure.log 2>&1 || { cat build/configure.log; return 1; }; }
build() { cmake --build --preset "$preset" --parallel "$jobs"; }
# What users build is optimised, and g++ warns there of what it does not see in the tests' build.
release() {
  cmake --preset release >build/configure.log 2>&1 || { cat build/configure.log; return 1; }
  cmake --build --preset release --parallel "$jobs" --target amendsd amends participant fulfil_order hello sell send_parcel
}

mkdir -p build
phase install install
phase configure configure
phase build build
if [ $# -eq 0 ] && [ "$preset" = debug ]; then phase release release; fi

# A group that holds no test must not look like one that passed.
label=
for group in "${groups[@]}"; do
  if ctest --test-dir "build/$preset" -N -L "^$group\$" | grep -q '^Total Tests: 0$'; then
    echo "tests/run.sh: group $group holds no tests" >&2
    if [ $# -gt 0 ]; then exit 1; fi
    continue
  fi
  label+="${label:+|}$group"
done

log=build/ctest.log
begin=$SECONDS
status=0
ctest --test-dir "build/$preset" -L "^($label)\$" -j2 --output-on-failure --no-tests=error 2>&1 | tee "$log" || status=1
phases+=("tests $((SECONDS - begin)) s")
if [ $# -gt 0 ] && [ "$preset" = debug ] && [[ " ${groups[*]} " == *" fuzz "* ]]; then
  begin=$SECONDS
  tests/fuzz/run.sh || status=1
  phases+=("libFuzzer $((SECONDS - begin)) s")
fi

echo
printf 'time: %s' "${phases[0]}"
printf ', %s' "${phases[@]:1}"
echo
grep -E '^[0-9]+% tests passed' "$log" || true
exit "$status"
