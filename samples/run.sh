#!/usr/bin/env bash
# Installs what is missing, builds the release, and runs the samples: the first look at Amends, and its main job.
#
#   samples/run.sh [--orders N] [--kills K] [--seed S] [--postgres] [--keep]
#
#   --orders N   how many orders 02_fulfil_order fulfils (default 2000)
#   --kills K    how often amendsd is killed with SIGKILL meanwhile (default 2)
#   --seed S     of the orders and of all that goes wrong (default 1)
#   --postgres   02_fulfil_order runs on a PostgreSQL of its own (package postgresql-15), killed as often as amendsd
#   --keep       keep the databases and logs of 02_fulfil_order
#
# Exit: 0 everything agrees, 1 something does not or failed, 2 usage, 130 interrupted. Needs no fixed port.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  sed -n 's/^# \{0,1\}//; 3,10p' "$0"
}

arguments=()
while [ $# -gt 0 ]; do
  case "$1" in
    --orders | --kills | --seed)
      if ! [[ "${2-}" =~ ^[0-9]{1,9}$ ]]; then
        echo "samples/run.sh: $1 needs a number" >&2
        exit 2
      fi
      arguments+=("$1" "$2")
      shift 2 ;;
    --postgres | --keep) arguments+=("$1"); shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

# One compiler needs up to 1.5 GB; a job per core is too many on a small machine.
jobs=$(nproc)
memory_gb=$(awk '/^MemAvailable/ {print int($2 / 1500000)}' /proc/meminfo)
if [ "$memory_gb" -lt "$jobs" ]; then jobs=$((memory_gb > 0 ? memory_gb : 1)); fi

tools/install_dependencies.sh build samples

mkdir -p build
echo "samples: building build/release (a few minutes the first time)"
cmake --preset release >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
cmake --build --preset release --parallel "$jobs" --target amendsd amends participant fulfil_order hello sell send_parcel

begin=$SECONDS
echo
python3 samples/01_hello_saga/run.py
echo
python3 samples/03_sql_steps/run.py
echo
python3 samples/04_local_step/run.py
echo
python3 samples/02_fulfil_order/drive.py "${arguments[@]}"
echo "samples: all ran in $((SECONDS - begin)) s"
