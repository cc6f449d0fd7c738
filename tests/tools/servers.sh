#!/usr/bin/env bash
# Finds PostgreSQL, Redis and Prometheus on this machine, or unpacks Debian's packages of them into a cache folder keyed by
# their versions, and prints a folder with their programs in bin and, when unpacked, their libraries in lib. Needs no root.
# Usage: tests/tools/servers.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${CRO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cloud-resource-operator}
# PostgreSQL refuses to run as root, and nobody else can look into root's home.
if [ "$(id -u)" = 0 ]; then cache=/var/cache/cloud-resource-operator; fi

candidate() { apt-cache policy "$1" 2>/dev/null | awk '$1 == "Candidate:" { print $2 }' || true; }
missing() { echo "$1 is missing, and could not be unpacked: apt-get install $2" >&2; exit 1; }

key=$( { cat "$here/servers.sh"; candidate postgresql; candidate redis-server; candidate prometheus; } | sha256sum | cut -c1-16)
out=$cache/servers-$key

# Links to what is installed; a program follows its link to find its own files.
link() { for program in "$@"; do ln -sf "$(readlink -f "$program")" "$out/bin/$(basename "$program")"; done; }

unpack() {
  local work=$out/packages
  mkdir -p "$work"
  (cd "$work" && apt-get download --quiet=2 "$@" >&2) || return 1
  for package in "$work"/*.deb; do dpkg -x "$package" "$out/root"; done
  rm -r "$work"
}

# The libraries that a package names, but for the compiler of JIT, which nobody needs here.
libraries() { apt-cache depends --important "$1" | awk '$1 == "Depends:" && $2 ~ /^(lib|lua)/ && $2 !~ /^libllvm/ { print $2 }'; }

postgres() {
  local bin
  bin=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -1 || true)
  if [ -z "$bin" ]; then
    local package
    package=$(apt-cache depends --important postgresql 2>/dev/null | awk '$2 ~ /^postgresql-[0-9]+$/ { print $2 }')
    # shellcheck disable=SC2046 # one word for each package
    [ -n "$package" ] && unpack "$package" "${package/-/-client-}" $(libraries "$package") || missing PostgreSQL postgresql
    bin=$(find "$out/root/usr/lib/postgresql" -path '*/bin/initdb')
  fi
  link "$(dirname "$bin")"/{initdb,postgres,psql}
}

redis() {
  local bin
  bin=$(command -v redis-server || true)
  if [ -z "$bin" ]; then
    # shellcheck disable=SC2046 # one word for each package
    unpack redis-server redis-tools $(libraries redis-tools) || missing Redis redis-server
    bin=$out/root/usr/bin/redis-server
  fi
  # The server is a link to another program that looks at its name.
  cat > "$out/bin/redis-server" <<EOF
#!/bin/sh
exec "$bin" "\$@"
EOF
  chmod +x "$out/bin/redis-server"
  link "$(dirname "$bin")/redis-cli"
}

# What else its package names is for its web pages.
alerting() {
  local bin
  bin=$(command -v prometheus || true)
  if [ -z "$bin" ]; then
    unpack prometheus || missing Prometheus prometheus
    bin=$out/root/usr/bin/prometheus
  fi
  link "$bin" "$(dirname "$bin")/promtool"
}

if [ ! -e "$out/.complete" ]; then
  rm -rf "$out"
  mkdir -p "$out/bin"
  postgres
  redis
  alerting
  if [ -d "$out/root" ]; then ln -s "$(dirname "$(find "$out/root/usr/lib" -name '*.so.*' | head -1)")" "$out/lib"; fi
  LD_LIBRARY_PATH=$out/lib "$out/bin/postgres" --version >&2 || missing PostgreSQL postgresql
  LD_LIBRARY_PATH=$out/lib "$out/bin/redis-server" --version >&2 || missing Redis redis-server
  "$out/bin/promtool" --version >&2 || missing Prometheus prometheus
  touch "$out/.complete"
fi
echo "$out"
