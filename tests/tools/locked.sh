#!/usr/bin/env bash
# Runs a script of this folder alone: two that find the cache empty would build into it at once.
# Usage: tests/tools/locked.sh build.sh; tests/tools/locked.sh python.sh moto
set -euo pipefail
cache=${CRO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cloud-resource-operator}
mkdir -p "$cache"
lock=$*
exec flock "$cache/${lock// /-}.lock" "$(dirname "$0")/$1" "${@:2}"
