#!/usr/bin/env bash
# Makes sure that the Docker engine has the base image debian:bookworm-slim: pulls it or, where no registry is reachable,
# makes it from Debian's packages, and prints its name. Wants Docker (tests/tools/docker.sh) and, for the latter, root.
# Usage: tests/tools/base-image.sh
set -euo pipefail
image=debian:bookworm-slim

make_image() {
  [ "$(id -u)" = 0 ] || { echo "$image cannot be pulled, and making it needs root" >&2; exit 1; }
  command -v debootstrap >/dev/null \
    || { apt-get update --quiet=2 && apt-get install --quiet=2 --yes --no-install-recommends debootstrap debian-archive-keyring; } >&2
  echo "making $image by debootstrap (half a minute, once)" >&2
  root=$(mktemp -d)
  trap 'rm -rf "$root" "$root.log"' EXIT
  debootstrap --force-check-gpg --variant=minbase bookworm "$root" http://deb.debian.org/debian >"$root.log" 2>&1 \
    || { tail -20 "$root.log" >&2; exit 1; }
  # As the image of that name has it: security updates, and nothing to read.
  echo 'deb http://deb.debian.org/debian bookworm main
deb http://deb.debian.org/debian bookworm-updates main
deb http://deb.debian.org/debian-security bookworm-security main' > "$root/etc/apt/sources.list"
  printf 'path-exclude /usr/share/%s/*\n' doc man info locale > "$root/etc/dpkg/dpkg.cfg.d/docker"
  echo 'path-include /usr/share/doc/*/copyright' >> "$root/etc/dpkg/dpkg.cfg.d/docker"
  find "$root"/usr/share/doc -type f ! -name copyright -delete
  rm -rf "$root.log" "$root"/usr/share/{man,info,locale}/* "$root"/var/{cache/apt,lib/apt/lists,log}/*
  tar --directory "$root" --create . | docker import --change 'CMD ["bash"]' - "$image" >/dev/null
}

if ! docker image inspect "$image" >/dev/null 2>&1; then
  timeout 300 docker pull --quiet "$image" >/dev/null 2>&1 || make_image
fi
echo "$image"
