#!/bin/sh
# Writes the image of the container that holds a pod's namespaces as an archive: one static program that waits.
# Usage: pause.sh FILE
set -eu
cd "$(mktemp -d)"
tar --create --file=layer.tar --directory=/usr/bin --owner=0 --group=0 catatonit
cat > config.json <<END
{"architecture": "$(dpkg --print-architecture)", "os": "linux",
 "config": {"Entrypoint": ["/catatonit", "-P"], "User": "65535:65535"},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$(sha256sum layer.tar | cut -c1-64)"]}}
END
cat > manifest.json <<END
[{"Config": "config.json", "RepoTags": ["registry.k8s.io/pause:3.10"], "Layers": ["layer.tar"]}]
END
tar --create --file="$1" config.json manifest.json layer.tar
