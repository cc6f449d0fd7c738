#!/usr/bin/env bash
# Runs a script of this folder alone: two that find the cache empty would build into it at once.
# Usage: tests/tools/locked.sh build.sh
set -euo pipefail
cache=${CRO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cloud-resource-operator}
mkdir -p "$cache"
exec flock "$cache/$1.lock" "$(dirname "$0")/$1"
