#!/usr/bin/env bash
# Repeats one simulated run: SEED=n [SET='name=value ...'] [PLANT=name]... [any option of simulate, as --trace]
set -euo pipefail
cd "$(dirname "$0")/../.."

args=()
for arg in "$@"; do
  case $arg in
    SEED=*) args+=(--seed "${arg#SEED=}") ;;
    SET=*) args+=(--set "${arg#SET=}") ;;
    PLANT=*) args+=(--plant "${arg#PLANT=}") ;;
    *) args+=("$arg") ;;
  esac
done
{
  [ -f build/debug/build.ninja ] || cmake --preset debug
  cmake --build --preset debug --target simulate
} >build/simulate.log 2>&1 || { cat build/simulate.log; exit 1; }
exec build/debug/bin/simulate "${args[@]}"
