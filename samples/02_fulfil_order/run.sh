#!/usr/bin/env bash
# Installs what is missing, builds the release, and fulfils orders while everything goes wrong (README.md).
#
#   samples/02_fulfil_order/run.sh [--orders N] [--kills K] [--seed S] [--postgres [--engines N]] [--keep]
#
# Exit: 0 everything agrees, 1 something does not or failed, 2 usage.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools/install_dependencies.sh build tests samples
mkdir -p build
cmake --preset release >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
cmake --build --preset release --parallel 2 --target amendsd amends participant fulfil_order
exec python3 samples/02_fulfil_order/drive.py "$@"
