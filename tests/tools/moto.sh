#!/usr/bin/env bash
# Makes the Python environment of the AWS double in a cache folder keyed by its requirements, and prints its bin folder.
# Usage: tests/tools/moto.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${CRO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cloud-resource-operator}
key=$(cat "$here"/requirements.txt "$here"/moto.sh | sha256sum | cut -c1-16)
venv=$cache/python-$key

if [ ! -e "$venv/.complete" ]; then
  command -v python3 >/dev/null || { echo "python3 is missing: install Python 3.11 or newer with venv" >&2; exit 1; }
  echo "installing the AWS double (once)" >&2
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --requirement "$here/requirements.txt" >&2
  touch "$venv/.complete"
fi
echo "$venv/bin"
