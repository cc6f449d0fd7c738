#!/usr/bin/env bash
# Builds the image of the node.
# Usage: deploy/kubernetes/build.sh IMAGE [OPTION OF DOCKER BUILD]... (BASE_IMAGE: an image to build from)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tools=$("$here/../../tests/tools/locked.sh" build.sh)
programs=(etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl coredns)
tar --create --directory="$here" . --directory="$tools" --transform='s|^k[^/]*$\|^etcd$\|^coredns$|bin/&|' "${programs[@]}" \
  | DOCKER_BUILDKIT=1 docker build --tag "$1" ${BASE_IMAGE:+--build-arg BASE_IMAGE="$BASE_IMAGE"} "${@:2}" -
