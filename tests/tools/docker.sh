#!/usr/bin/env bash
# Makes Docker available and prints what to set in the environment for it: the engine that answers or, as root on Debian, one
# of its own from Debian's packages; and the plugins compose and buildx, unless docker has them.
# Usage: eval "$(tests/tools/docker.sh)"; tests/tools/docker.sh stop
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${CRO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cloud-resource-operator}
# The engine of root is shared by all, and its data is large.
state=/var/cache/cloud-resource-operator/docker
socket=unix://$state/docker.sock

fail() { echo "$*" >&2; exit 1; }
# There is no engine here, and there cannot be one.
impossible() { echo "$*" >&2; exit 3; }

if [ "${1:-}" = stop ]; then
  [ -e "$state/pid" ] || exit 0
  pid=$(cat "$state/pid")
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] || exit 0
  kill "$pid" 2>/dev/null || exit 0
  tail --pid="$pid" --follow /dev/null
  exit 0
fi

mkdir -p "$cache"
exec 9>"$cache/docker.lock"
flock 9

answers() { DOCKER_HOST=$1 docker version >/dev/null 2>&1; }

start() {
  [ "$(id -u)" = 0 ] || impossible 'no Docker engine answers, and starting one needs root: start Docker, or set DOCKER_HOST'
  if ! command -v dockerd >/dev/null; then
    command -v apt-get >/dev/null || impossible 'no Docker engine answers, and this is no Debian: install Docker'
    echo "installing docker.io from Debian's packages" >&2
    { apt-get update --quiet=2 && DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends docker.io iptables; } >&2 9>&- \
      || fail 'docker.io could not be installed'
    # Where systemd runs, it is systemd's.
    if [ -d /run/systemd/system ]; then systemctl start docker && host='' && return; fi
  fi
  grep --quiet cgroup /proc/mounts || impossible 'containers need cgroups, and none are mounted in /sys/fs/cgroup'
  mkdir -p "$state"
  setsid dockerd --host "$socket" --data-root "$state/data" --exec-root "$state/exec" --pidfile "$state/pid" \
    --log-level warn </dev/null >"$state/log" 2>&1 9>&- &
  for _ in $(seq 450); do
    if answers "$socket"; then return; fi
    kill -0 $! 2>/dev/null || break
    sleep 0.2
  done
  tail -20 "$state/log" >&2
  kill $! 2>/dev/null || true
  fail 'dockerd did not start'
}

host=${DOCKER_HOST:-}
if ! answers "$host"; then
  if [ -n "$host" ] && [ "$host" != "$socket" ]; then fail "no Docker engine answers at $host"; fi
  host=$socket
  answers "$host" || start
fi
if [ -n "$host" ]; then echo "export DOCKER_HOST='$host'"; fi

plugins() { docker compose version && docker buildx version; }
if ! plugins >/dev/null 2>&1; then
  key=$(cat "$here"/compose/go.{mod,sum} "$here/docker.sh" | sha256sum | cut -c1-16)
  config=$cache/docker-$key
  if [ ! -e "$config/.complete" ]; then
    command -v go >/dev/null || fail 'docker has no plugin compose: install docker-compose-plugin and docker-buildx-plugin, or Go 1.26 to build them'
    echo 'building the plugins compose and buildx (2 minutes, once)' >&2
    version() { awk -v module="$1" '$1 == module { print $2 }' "$here/compose/go.mod"; }
    compose=github.com/docker/compose/v2 buildx=github.com/docker/buildx
    (cd "$here/compose" && CGO_ENABLED=0 GOBIN=$config/cli-plugins go install -trimpath \
      -ldflags "-s -w -X $compose/internal.Version=$(version $compose) -X $buildx/version.Version=$(version $buildx)" tool) >&2 9>&-
    mv "$config/cli-plugins/cmd" "$config/cli-plugins/docker-compose"
    mv "$config/cli-plugins/buildx" "$config/cli-plugins/docker-buildx"
    # Who is logged in to a registry stays so.
    if [ -e "${DOCKER_CONFIG:-$HOME/.docker}/config.json" ]; then ln -s "${DOCKER_CONFIG:-$HOME/.docker}/config.json" "$config/config.json"; fi
    touch "$config/.complete"
  fi
  echo "export DOCKER_CONFIG='$config'"
fi
