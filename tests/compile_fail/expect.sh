#!/bin/sh
# expect.sh CASE COMPILER...: the first line of CASE is "// " and the sentence that the compiler's first error must hold,
# or "// compiles".
set -u
case=$1
shift
sentence=$(sed -n '1s,^// ,,p' "$case")
[ -n "$sentence" ] || { echo "$case: its first line names no sentence"; exit 1; }
output=$(LC_ALL=C "$@" "$case" 2>&1)
status=$?
if [ "$sentence" = compiles ]; then
  echo "$output"
  exit $status
fi
[ $status -ne 0 ] || { echo "compiles, but was to fail: $sentence"; exit 1; }
first=$(printf '%s\n' "$output" | grep -m1 'error:')
case $first in
  *"$sentence"*) echo "$first" ;;
  *) echo "expected: $sentence"; echo "first error: $first"; printf '%s\n' "$output" | head -20; exit 1 ;;
esac
