#!/usr/bin/env bash
# Makes the Python environment of a double of AWS (moto, localstack) in a cache folder keyed by its requirements, and
# prints its bin folder.
# Usage: tests/tools/python.sh moto
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${CRO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cloud-resource-operator}
requirements=$here/requirements/$1.txt
key=$(cat "$requirements" "$here/python.sh" | sha256sum | cut -c1-16)
venv=$cache/python-$1-$key

if [ ! -e "$venv/.complete" ]; then
  command -v python3 >/dev/null || { echo "python3 is missing: install Python 3.11 or newer with venv" >&2; exit 1; }
  echo "installing $1, which stands for AWS (once)" >&2
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --requirement "$requirements" >&2
  touch "$venv/.complete"
fi
echo "$venv/bin"
