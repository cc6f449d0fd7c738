#!/usr/bin/env bash
# What images promise. Usage: tests/images/test.sh IMAGE...
set -euo pipefail
passed=0 failed=0
check() { # sentence, command
  if "${@:2}" >/dev/null 2>&1; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $image: $1" >&2; fi
}

user() { docker image inspect --format '{{.Config.User}}' "$image"; }
label() { [ -n "$(docker image inspect --format "{{index .Config.Labels \"org.opencontainers.image.$1\"}}" "$image")" ]; }
files() {
  local container
  container=$(docker create "$image")
  docker export "$container" >"$work/tar"
  tar --list --file "$work/tar" >"$work/files"
  tar --list --verbose --file "$work/tar" >"$work/modes"
  docker rm "$container" >/dev/null
}
has_no_setuid() { ! grep --extended-regexp '^-..[sS]|^-.....[sS]' "$work/modes"; }
has_no_shell() { ! grep --extended-regexp '(^|/)(sh|bash|dash|busybox|ash)$' "$work/files"; }
is_compact() { [ "$(docker save "$image" | gzip --fast | wc -c)" -lt 40000000 ]; }
# As Kubernetes runs it, and on OpenShift under any user.
starts() { docker run --rm --read-only --network none --cap-drop ALL --security-opt no-new-privileges "$@" "$image" --version; }
ends_without_settings() {
  local status=0
  timeout 20 docker run --rm --read-only "$image" 2>"$work/error" || status=$?
  [ "$status" -ne 0 ] && [ "$status" -ne 124 ] && [ -s "$work/error" ]
}
lists_its_contents() {
  docker cp "$(docker create --name "images-test-$$" "$image"):/$program.cdx.json" "$work/sbom"
  docker rm "images-test-$$"
  grep '"bomFormat": *"CycloneDX"' "$work/sbom" && grep '"name": *"tokio"' "$work/sbom"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for image in "$@"; do
  program=$(docker image inspect --format '{{index .Config.Entrypoint 0}}' "$image")
  program=${program#/}
  files
  check 'it has no shell' has_no_shell
  check 'nothing in it runs as somebody else' has_no_setuid
  check 'its user is a number, and not root' [ "$(user)" = 65532:65532 ]
  check 'it starts on a read-only root file system' starts
  check 'it starts as any user' starts --user 1000660000:0
  check 'it fails with a message when it is told nothing' ends_without_settings
  check 'it trusts public authorities' grep --quiet '^etc/ssl/certs/ca-certificates.crt$' "$work/files"
  for name in title description version revision created source licenses; do check "it has the label $name" label "$name"; done
  check 'it has less than 40 MB, compressed' is_compact
  # Binaries that were built elsewhere come without.
  if [ -z "${BINARIES:-}" ]; then check 'it lists its contents' lists_its_contents; fi
done
# As cargo says it, so that all can be summed up.
echo "test result: $([ "$failed" = 0 ] && echo ok || echo FAILED). $passed passed; $failed failed; 0 ignored"
[ "$failed" -eq 0 ]
