#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds Sinkscope with its tests, and runs them all (the graphical ones under a virtual display).
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/packages.sh

install_missing "${build_packages[@]}" "${test_packages[@]}"
configure_and_build ON all
ctest --test-dir build/release --output-on-failure --no-tests=error -j "$(nproc)" "$@"
