#!/usr/bin/env bash
# Builds the pinned Go tools into a cache folder keyed by their modules, and prints its bin folder.
# Usage: tests/tools/build.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${CRO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cloud-resource-operator}
key=$(cat "$here"/{go.mod,go.sum,coredns/main.go,kwok/go.mod,kwok/go.sum,build.sh} | sha256sum | cut -c1-16)
bin=$cache/tools-$key/bin

if [ ! -e "$bin/.complete" ]; then
  command -v go >/dev/null || { echo "go is missing: install Go 1.26 or newer (https://go.dev/dl)" >&2; exit 1; }
  echo "building Kubernetes, etcd, nats-server, helm and kwok (about 10 minutes, once)" >&2
  mkdir -p "$bin"
  # kubectl and the API server report this version; without it they say v0.0.0-master.
  version=$(awk '$1 == "k8s.io/kubernetes" { print $2 }' "$here/go.mod")
  flags="-s -w -X k8s.io/component-base/version.gitVersion=$version -X k8s.io/client-go/pkg/version.gitVersion=$version"
  install() { (cd "$1" && CGO_ENABLED=0 GOFLAGS="${GOFLAGS:-} -trimpath" GOBIN=$bin go install -ldflags "$flags" "${@:2}"); }
  install "$here" tool ./coredns
  install "$here/kwok" tool
  mv "$bin/server" "$bin/etcd"
  # The stages that make pods ready without a node are data of kwok's module.
  cp -r "$(cd "$here/kwok" && go list -m -f '{{.Dir}}' sigs.k8s.io/kwok)/kustomize/stage" "$bin/../stages"
  touch "$bin/.complete"
fi
echo "$bin"
