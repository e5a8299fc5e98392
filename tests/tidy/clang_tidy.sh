#!/usr/bin/env bash
# Runs clang-tidy over the pure layers, with the checks of .clang-tidy. A file that passed is asked again only when it,
# a header of these layers or .clang-tidy has changed.
#
#   tests/tidy/clang_tidy.sh [build directory]       needs its compile_commands.json; default build/debug
#
# Units that include Boost.MSM stay out: their templates take longer than all the others together, and hide nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${1:-build/debug}
command -v clang-tidy-14 >/dev/null || { echo "skipped: clang-tidy-14 is not installed"; exit 77; }
test -f "$build/compile_commands.json" || { echo "no compile_commands.json in $build" >&2; exit 1; }

passed=$build/clang_tidy
mkdir -p "$passed"
headers=$(cat .clang-tidy engine/{base,definition,journal,lifecycle}/*.hpp | sha256sum)

check() {
  local key
  key=$({ echo "$headers $1"; cat "$1"; } | sha256sum | cut -c1-32)
  if [ -f "$passed/$key" ]; then return 0; fi
  # Its count of suppressed warnings goes to stderr on every run: shown only when something is wrong.
  if clang-tidy-14 --quiet -p "$build" "$1" 2>"$passed/$key.err"; then
    rm -f "$passed/$key.err"
    touch "$passed/$key"
  else
    cat "$passed/$key.err" >&2
    rm -f "$passed/$key.err"
    return 1
  fi
}
export -f check
export build passed headers

files=$(grep -L '"engine/lifecycle/msm.hpp"' engine/{definition,journal,lifecycle}/*.cpp)
printf '%s\n' $files | xargs -P "$(nproc)" -I{} bash -c 'check {}'
echo "clang-tidy: $(wc -w <<<"$files") files"
