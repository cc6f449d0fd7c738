#!/usr/bin/env bash
# Makes JSON schemas of Kubernetes and of the custom kinds that the chart may use, from pinned Go modules, in a cache folder;
# prints that folder.
# Usage: tests/tools/schemas.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${CRO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cloud-resource-operator}
key=$(cat "$here"/{go.mod,schemas/main.go,schemas.sh} | sha256sum | cut -c1-16)
schemas=$cache/schemas-$key

# module@version, sum, definitions
custom="
github.com/prometheus-operator/prometheus-operator@v0.85.0 h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s= example/prometheus-operator-crd
github.com/kedacore/keda/v2@v2.21.0 h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps= config/crd/bases
github.com/cert-manager/cert-manager@v1.21.2 h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68= deploy/crds
"

if [ ! -e "$schemas/.complete" ]; then
  command -v go >/dev/null || { echo "go is missing: install Go 1.26 or newer (https://go.dev/dl)" >&2; exit 1; }
  echo "making schemas of Kubernetes (once)" >&2
  rm -rf "$schemas"
  mkdir -p "$schemas"
  cd "$here"
  files=()
  while read -r module sum folder; do
    [ -n "$module" ] || continue
    answer=$(cd / && go mod download -json "$module")
    grep -qF "\"$sum\"" <<<"$answer" || { echo "$module is not what was pinned" >&2; exit 1; }
    files+=("$(sed -n 's/.*"Dir": "\(.*\)".*/\1/p' <<<"$answer")/$folder"/*.yaml)
  done <<<"$custom"
  kubernetes=$(go list -m -f '{{.Dir}}' k8s.io/kubernetes)
  go run ./schemas "$schemas" "$kubernetes/api/openapi-spec/swagger.json" "${files[@]}"
  touch "$schemas/.complete"
fi
echo "$schemas"
