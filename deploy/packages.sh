#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The list of Debian packages this project needs, by role. Every other script takes it from here.
set -euo pipefail

# What building the programs needs; and running them: tzdata has the zones of calendars.
build_packages=(
  g++ cmake ninja-build ccache lld git ca-certificates pkg-config
  libgrpc++-dev protobuf-compiler-grpc protobuf-compiler libprotobuf-dev
  libboost1.81-dev libboost-program-options1.81-dev
  libabsl-dev libyaml-cpp-dev libspdlog-dev zlib1g-dev libsqlite3-dev prometheus-cpp-dev
  tzdata
)
# What the wallboard is built with, which a node of this version or newer with its npm does as well,
# wherever it comes from: Debian's npm cannot stand beside the packages of others.
node_packages=(nodejs npm)
node_version_min=18
# What the tests, their lints and the benchmarks need besides. Where systemd runs, the package of
# prometheus starts a service, which no test needs: systemctl disable --now prometheus.
test_packages=(libgtest-dev libgmock-dev libbenchmark-dev libprotoc-dev clang-format procps
  python3-grpcio python3-protobuf chromium prometheus)
# What the clang and fuzz presets need besides.
clang_packages=(clang clang-tidy libclang-rt-14-dev)

usage() {
  cat <<'END'
Usage: deploy/packages.sh ROLE          install what is missing of a role
       deploy/packages.sh --list ROLE   print its packages, install nothing

ROLE is
  build   compiler, CMake and libraries: enough for acdd, acdsim and acdctl
  test    build, and what the tests and lints need
  full    test, and clang with its tools for the presets clang and fuzz

Made for Debian 12 (bookworm). Needs root or sudo only when something is missing.
END
}

fail() {
  printf 'packages.sh: %s\n' "$1" >&2
  exit 1
}

packages_of() {
  case "$1" in
    build) printf '%s\n' "${build_packages[@]}" "${node_packages[@]}" ;;
    test) printf '%s\n' "${build_packages[@]}" "${node_packages[@]}" "${test_packages[@]}" ;;
    full) printf '%s\n' "${build_packages[@]}" "${node_packages[@]}" "${test_packages[@]}" \
      "${clang_packages[@]}" ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
}

has_node() {
  local version
  command -v npm >/dev/null && version=$(node --version 2>/dev/null) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge "$node_version_min" ]
}

# Those of its arguments that are not installed, one a line.
missing_of() {
  local package
  for package in "$@"; do
    case " ${node_packages[*]} " in
      *" $package "*) has_node && continue ;;
    esac
    # shellcheck disable=SC2016  # The dollar sign is dpkg-query's.
    case "$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)" in
      ?i*) ;;
      *) printf '%s\n' "$package" ;;
    esac
  done
}

install() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      fail "not root and no sudo; run this as root: apt-get install --no-install-recommends $*"
    as_root=(sudo)
  fi
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0)
  "${apt[@]}" update ||
    fail "apt-get update failed; check the network and /etc/apt/sources.list.d"
  "${apt[@]}" install -y --no-install-recommends "$@" ||
    fail "apt-get install failed; the lines above say why"
}

main() {
  local list_only=false
  case "${1:-}" in
    -h | --help)
      usage
      exit 0
      ;;
    --list)
      list_only=true
      shift
      ;;
  esac
  if [ $# -ne 1 ]; then
    usage >&2
    exit 2
  fi

  local text packages missing
  text=$(packages_of "$1")
  if $list_only; then
    printf '%s\n' "$text"
    exit 0
  fi
  mapfile -t packages <<<"$text"

  command -v apt-get >/dev/null ||
    fail "this is no Debian; install the equivalents of: $(printf '%s ' "${packages[@]}")"
  text=$(missing_of "${packages[@]}")
  if [ -z "$text" ]; then
    printf 'packages.sh: all %d packages of "%s" are installed\n' "${#packages[@]}" "$1"
    exit 0
  fi
  mapfile -t missing <<<"$text"

  local release
  # shellcheck source=/dev/null
  release=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-unknown}")
  [ "$release" = bookworm ] ||
    fail "made for Debian bookworm, this is $release; missing here: ${missing[*]}"
  printf 'packages.sh: installing %d of %d packages: %s\n' "${#missing[@]}" "${#packages[@]}" \
    "${missing[*]}"
  install "${missing[@]}"
}

main "$@"
