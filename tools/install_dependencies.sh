#!/usr/bin/env bash
# Installs the Debian 12 packages that Amends needs, and says so. Safe to run twice; it never removes a package.
#
#   tools/install_dependencies.sh [build] [tests] [samples] [lint] [bench] [fuzz]      without a group: build tests
#
# Why each package is there stands in docs/decisions/0001-dependencies.md.
set -euo pipefail
cd "$(dirname "$0")/.."

packages_of() {
  case "$1" in
    build) echo g++ cmake ninja-build ccache pkg-config ca-certificates \
                libboost1.81-dev libcpp-httplib-dev nlohmann-json3-dev libsqlite3-dev libcurl4-openssl-dev \
                libpqxx-dev libpq-dev libssl-dev libcli11-dev libtomlplusplus-dev libspdlog-dev ;;
    tests) echo libgtest-dev librapidcheck-dev postgresql-15 sqlite3 python3 curl openssl faketime ;;
    samples) echo python3 sqlite3 ;;
    lint)  echo clang-tidy-14 clang-format-14 ;;
    fuzz)  echo clang-14 libclang-rt-14-dev libfuzzer-14-dev ;;
    bench) echo nginx-light postgresql-15 wrk ;;
    *) echo "usage: tools/install_dependencies.sh [build] [tests] [samples] [lint] [bench] [fuzz]" >&2; exit 2 ;;
  esac
}

say() { echo "dependencies: $*"; }
fail() { echo "dependencies: $*" >&2; exit 1; }

# Boost 1.81's headers unpacked here stand in for the package; cmake/Packages.cmake looks here too.
deps=build/deps
boost_unpacked() { test -f "$deps/usr/include/boost/version.hpp"; }

missing() {
  local package state
  for package in "$@"; do
    if [ "$package" = libboost1.81-dev ] && boost_unpacked; then continue; fi
    state=$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
    [ "${state:0:2}" = ii ] || echo "$package"
  done
}

known_to_apt() {
  local package
  for package in "$@"; do
    apt-cache show --no-all-versions "$package" >/dev/null 2>&1 || return 1
  done
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

updated=no
update_lists() {
  [ "$updated" = no ] || return 0
  updated=yes
  say "reading the package lists (apt-get update)"
  # Without Error-Mode apt-get update reports success when it reached no archive at all.
  as_root apt-get update -qq -o APT::Update::Error-Mode=any ||
    fail "the package archive could not be reached. Check the network (or the proxy in apt's configuration) and run this again."
}

install_now() {
  # --no-remove turns the removal of anything into an error: whatever else is on this machine stays.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-remove --no-install-recommends \
    -o Dpkg::Use-Pty=0 "$@" >/dev/null
}

# Boost 1.81 and Debian's default 1.74 exclude each other. Who has 1.74 keeps it.
unpack_boost() {
  say "installing libboost1.81-dev would remove $1; unpacking its headers under $deps instead"
  mkdir -p "$deps"
  ( cd "$deps" && apt-get download -qq -o APT::Sandbox::User=root libboost1.81-dev ) ||
    fail "libboost1.81-dev could not be downloaded. Check the network and run this again."
  dpkg -x "$deps"/libboost1.81-dev_*.deb "$deps"
  rm -f "$deps"/libboost1.81-dev_*.deb
}

# What apt would remove for Boost 1.81. It may also refuse outright, which is the same answer.
boost_in_the_way() {
  local plan
  plan=$(apt-get install -s --no-install-recommends libboost1.81-dev 2>/dev/null) || { echo "another Boost"; return; }
  sed -n 's/^Remv \([^ ]*\).*/\1/p' <<<"$plan" | paste -sd' '
}

[ $# -gt 0 ] || set -- build tests
wanted=()
for group in "$@"; do
  names=$(packages_of "$group")
  read -ra names <<<"$names"
  wanted+=("${names[@]}")
done

mapfile -t todo < <(missing "${wanted[@]}")
if [ ${#todo[@]} -eq 0 ]; then
  say "all ${#wanted[@]} packages are there"
  exit 0
fi
command -v apt-get >/dev/null ||
  fail "this is not Debian, so nothing was installed. Needed are the equivalents of: ${todo[*]}"
if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
  fail "not root, and there is no sudo. Run as root: apt-get install ${todo[*]}"
fi

known_to_apt "${todo[@]}" || update_lists
known_to_apt "${todo[@]}" ||
  fail "apt does not know all of these, which Debian 12 has: ${todo[*]}. Is this Debian 12, with its main archive?"

for package in "${todo[@]}"; do
  if [ "$package" = libboost1.81-dev ]; then
    removed=$(boost_in_the_way)
    if [ -n "$removed" ]; then
      unpack_boost "$removed"
      mapfile -t todo < <(missing "${wanted[@]}")
    fi
  fi
done

if [ ${#todo[@]} -gt 0 ]; then
  say "installing ${#todo[@]} packages with apt-get: ${todo[*]}"
  # The lists may be older than the archive: then the first try asks for files that are gone.
  install_now "${todo[@]}" || { update_lists && install_now "${todo[@]}"; } ||
    fail "apt-get could not install: ${todo[*]}. Nothing was removed; its own message stands above."
fi
say "ready"
