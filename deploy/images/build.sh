#!/usr/bin/env bash
# Builds images with BuildKit. Usage: deploy/images/build.sh services|aws|others
# (of the services and their tools; of what stands for AWS in docker-compose; of others, from packages)
#
# REGISTRY and IMAGE_TAG make the names, PLATFORM is linux/amd64 or linux/arm64, BASE_IMAGE and RUST_IMAGE are images to
# build from, CA_CERTIFICATES is what builds trust when they download. BINARIES is a folder with binaries that this
# machine's cargo has built, such as target/debug: they are not compiled again. CARGO_INCREMENTAL=1 compiles a change faster.
set -euo pipefail
cd "$(dirname "$0")/../.."
export DOCKER_BUILDKIT=1

options=()
option() { options+=("$1" "$2"); }
if [ -n "${PLATFORM:-}" ]; then option --platform "$PLATFORM"; fi
if [ -n "${CA_CERTIFICATES:-}" ]; then option --secret "id=ca,src=$CA_CERTIFICATES"; fi
for argument in BASE_IMAGE RUST_IMAGE CARGO_INCREMENTAL; do
  if [ -n "${!argument:-}" ]; then option --build-arg "$argument=${!argument}"; fi
done

[ -n "${BASE_IMAGE:-}" ] || tests/tools/base-image.sh >/dev/null

build() { # target, name, context
  echo "building $2" >&2
  docker build --quiet --label org.opencontainers.image.vendor=cloud-resource-operator \
    --file "$file" --target "$1" --tag "$2" "${options[@]}" "$3" >/dev/null
}

# Whether the engine has the image that others publish, or can pull it. What was built here says so.
is_theirs() {
  local label='{{index .Config.Labels "org.opencontainers.image.vendor"}}'
  [ "$(docker image inspect --format "$label" "$1" 2>/dev/null || echo none)" = '' ] || timeout 300 docker pull --quiet "$1" >/dev/null 2>&1
}

# Binaries of this machine without what only debuggers read, in a folder of their own beside them.
stage() {
  local binary
  mkdir -p "$context"
  for binary in "${services[@]}" setup probe stack; do
    [ -e "$BINARIES/$binary" ] || { echo "$BINARIES/$binary is missing" >&2; exit 1; }
    if [ "$BINARIES/$binary" -nt "$context/$binary" ]; then
      strip -o "$context/$binary.new" "$BINARIES/$binary"
      mv "$context/$binary.new" "$context/$binary"
    fi
  done
}

services=(watcher aws-provisioner openshift-provisioner secret-writer)
case ${1:-} in
  services | aws)
    file=deploy/Dockerfile context=.
    version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
    option --build-arg "VERSION=$version"
    option --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)"
    option --build-arg "CREATED=$(git log -1 --format=%cI 2>/dev/null || echo unknown)"
    if [ -n "${BINARIES:-}" ]; then
      [ -z "${PLATFORM:-}" ] || { echo 'BINARIES are of this machine: leave PLATFORM out, or compile them (BINARIES=)' >&2; exit 1; }
      context=$BINARIES/images
      stage
      docker run --rm --volume "$(realpath "$context"):/binaries:ro" "${BASE_IMAGE:-debian:bookworm-slim}" /binaries/setup --version >/dev/null \
        || { echo "the binaries in $BINARIES need a newer C library than the base image has: make … BINARIES= compiles them" >&2; exit 1; }
      option --build-arg BINARIES=prebuilt
    fi
    if [ "$1" = aws ]; then targets=(aws); else targets=("${services[@]}" tools); fi
    for target in "${targets[@]}"; do
      build "$target" "${REGISTRY:-localhost/cloud-resource-operator}/$target:${IMAGE_TAG:-$version}" "$context"
    done
    ;;
  others)
    file=deploy/images/Dockerfile
    tools=$(tests/tools/locked.sh build.sh)
    image() { sed -n "s|^$1=||p" deploy/images/names.env; }
    is_theirs "$(image NATS_IMAGE)" || build nats "$(image NATS_IMAGE)" "$tools"
    is_theirs "$(image NATS_IMAGE)-alpine" || build nats "$(image NATS_IMAGE)-alpine" "$tools"
    is_theirs "$(image POSTGRES_IMAGE)" || build postgres "$(image POSTGRES_IMAGE)" deploy/images
    is_theirs "$(image REDIS_IMAGE)" || build redis "$(image REDIS_IMAGE)" deploy/images
    build moto "$(image MOTO_IMAGE)" tests/tools/requirements
    build localstack "$(image LOCALSTACK_IMAGE)" tests/tools/requirements
    ;;
  *)
    echo "usage: $0 services|aws|others" >&2
    exit 2
    ;;
esac
