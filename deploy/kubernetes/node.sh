#!/usr/bin/env bash
# Process 1 of the node: starts everything, and ends when one of them ends. Logs are in /var/log/node.
#
# SERVER             where the host reaches the API server, for /kubeconfig/host.yaml (https://127.0.0.1:6443)
# NAMES              more names of the API server, with commas
# --while-stdin      ends as well when standard input does
#
# /kubeconfig/network.yaml is for containers of the same network: its server is this container's host name.
set -euo pipefail

readonly state=/var/lib/node pki=/var/lib/node/pki logs=/var/log/node run=/run/node
ip=$(hostname -i | cut -d' ' -f1)

declare -A started=()
start() { # NAME COMMAND...
  local name=$1
  shift
  "$@" </dev/null >>"$logs/$name.log" 2>&1 &
  started[$!]=$name
}

until_true() { until "$@" >/dev/null 2>&1; do none_has_ended; sleep 0.2; done; }

none_has_ended() {
  local pid
  for pid in "${!started[@]}"; do kill -0 "$pid" 2>/dev/null || has_ended "$pid"; done
}

has_ended() { # PID
  local name=${started[$1]}
  echo "$name has ended" >&2
  tail --lines=20 "$logs/$name.log" >&2 2>/dev/null || true
  exit 1
}

# Docker lets only privileged containers write these and have all devices.
rights() {
  local path
  for path in /proc/sys /sys $(findmnt --noheadings --output=TARGET --types=cgroup,cgroup2); do
    if mountpoint --quiet "$path"; then mount -o remount,bind,rw "$path"; fi
  done
  [ -e /dev/kmsg ] || mknod /dev/kmsg c 1 11
}

folders() {
  mount --make-rshared /
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -p "$run" "$logs" "$pki" "$state/volumes"
}

# Groups of pods are below the container's own.
cgroups() {
  local root=/sys/fs/cgroup
  [ -e $root/cgroup.controllers ] || return 0
  # Version 2: limits are only for children of a group without processes.
  mkdir -p $root/node
  xargs --no-run-if-empty --max-args=1 <$root/cgroup.procs >$root/node/cgroup.procs 2>/dev/null || true
  sed 's/[^ ]*/+&/g' $root/cgroup.controllers >$root/cgroup.subtree_control
}

# The kubelet sets what is the host's: it finds what it wants, and the host keeps what it has.
host_settings() {
  local setting
  for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    local file=$run/sysctl/${setting%=*}
    mkdir -p "${file%/*}"
    echo "${setting#*=}" >"$file"
    mount --bind "$file" "/proc/sys/${setting%=*}"
  done
  [ -e /proc/sys/net/bridge ] || { echo 'the kernel module br_netfilter is missing: sudo modprobe br_netfilter' >&2; exit 1; }
  sysctl --quiet --write net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1
}

certificate() { # NAME SUBJECT EXTENSIONS
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$pki/$1.key" -subj "$2" 2>/dev/null \
    | openssl x509 -req -days 365 -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial -extfile <(echo "$3") \
      -out "$pki/$1.crt" 2>/dev/null
}

# The authority and the key of tokens stay; certificates follow the container's address.
certificates() {
  if [ ! -e "$pki/ca.crt" ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=node -keyout "$pki/ca.key" \
      -addext keyUsage=critical,keyCertSign,cRLSign -out "$pki/ca.crt" 2>/dev/null
    openssl genrsa -out "$pki/tokens.key" 2048 2>/dev/null
  fi
  local names
  names="DNS:localhost,DNS:$(hostname),DNS:kubernetes,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.96.0.1,IP:$ip"
  [ -z "${NAMES-}" ] || names+=,DNS:${NAMES//,/,DNS:}
  certificate apiserver /CN=kube-apiserver "subjectAltName=$names"
  certificate admin /O=system:masters/CN=admin extendedKeyUsage=clientAuth
  certificate kubelet /O=system:nodes/CN=system:node:node extendedKeyUsage=clientAuth
}

kubeconfig() { # FILE SERVER USER
  cat >"$1" <<END
apiVersion: v1
kind: Config
current-context: node
contexts: [{name: node, context: {cluster: node, user: $3}}]
clusters: [{name: node, cluster: {server: "$2", certificate-authority-data: $(base64 --wrap=0 "$pki/ca.crt")}}]
users: [{name: $3, user: {client-certificate-data: $(base64 --wrap=0 "$pki/$3.crt"), client-key-data: $(base64 --wrap=0 "$pki/$3.key")}}]
END
}

control_plane() {
  start etcd etcd --data-dir "$state/etcd" --unsafe-no-fsync
  start kube-apiserver kube-apiserver --etcd-servers=http://127.0.0.1:2379 --advertise-address="$ip" \
    --service-cluster-ip-range=10.96.0.0/16 --authorization-mode=Node,RBAC --allow-privileged=true \
    --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" --client-ca-file="$pki/ca.crt" \
    --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$pki/tokens.key" \
    --service-account-signing-key-file="$pki/tokens.key" --kubelet-preferred-address-types=InternalIP \
    --kubelet-client-certificate="$pki/admin.crt" --kubelet-client-key="$pki/admin.key" --profiling=false
  until_true kubectl get --raw=/readyz
  start kube-controller-manager kube-controller-manager --kubeconfig="$KUBECONFIG" --leader-elect=false \
    --use-service-account-credentials=true --root-ca-file="$pki/ca.crt" \
    --service-account-private-key-file="$pki/tokens.key" --bind-address=127.0.0.1 --profiling=false
  start kube-scheduler kube-scheduler --kubeconfig="$KUBECONFIG" --leader-elect=false --bind-address=127.0.0.1 \
    --profiling=false
}

containers() {
  local archive
  start containerd containerd --config /etc/node/containerd.toml
  until_true ctr images list
  # More of them may be mounted there.
  for archive in /usr/share/node/*.tar; do ctr images import "$archive" >/dev/null; done
  start kubelet kubelet --config=/etc/node/kubelet.yaml --kubeconfig=/etc/node/kubelet.kubeconfig --hostname-override=node \
    --node-ip="$ip"
}

network() {
  start kube-proxy kube-proxy --config=/etc/node/kube-proxy.yaml
  start coredns coredns -conf /etc/node/Corefile
  kubectl apply --filename=/etc/node/cluster.yaml --filename=- >/dev/null <<END
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: kube-dns-node, namespace: kube-system, labels: {kubernetes.io/service-name: kube-dns}}
addressType: IPv4
endpoints: [{addresses: ["$ip"]}]
ports: [{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53, protocol: TCP}]
END
}

# Volumes are folders of the node that the kubelet hands over to a pod's fsGroup, which it does for `local` ones alone.
volumes() {
  local asked='volume\.kubernetes\.io/storage-provisioner'
  watched persistentvolumeclaims "{.status.phase} {.metadata.annotations.$asked} {.metadata.uid} {.metadata.namespace} \
{.metadata.name} {.spec.storageClassName} {.spec.resources.requests.storage} {.spec.accessModes}" | make_volumes &
  local by='pv\.kubernetes\.io/provisioned-by'
  watched persistentvolumes "{.status.phase} {.metadata.annotations.$by} {.metadata.name} {.spec.local.path}" \
    | remove_volumes &
  wait
}

watched() { # RESOURCE FIELDS
  while true; do
    kubectl get "$1" --all-namespaces --watch --output=jsonpath="$2"$'{"\\n"}' || true
    sleep 1
  done
}

make_volumes() {
  local phase provisioner uid namespace name class size modes
  while read -r phase provisioner uid namespace name class size modes; do
    [ "$phase $provisioner" = "Pending node/volumes" ] || continue
    install --directory --mode=0777 "$state/volumes/$uid"
    kubectl create --filename=- <<END || true
apiVersion: v1
kind: PersistentVolume
metadata: {name: pvc-$uid, annotations: {pv.kubernetes.io/provisioned-by: node/volumes}}
spec:
  capacity: {storage: $size}
  accessModes: $modes
  storageClassName: $class
  persistentVolumeReclaimPolicy: Delete
  claimRef: {apiVersion: v1, kind: PersistentVolumeClaim, namespace: $namespace, name: $name, uid: $uid}
  local: {path: $state/volumes/$uid}
  nodeAffinity:
    required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node]}]}]}
END
  done
}

remove_volumes() {
  local phase provisioner name path
  while read -r phase provisioner name path; do
    [ "$phase $provisioner" = "Released node/volumes" ] || continue
    kubectl delete persistentvolume "$name" --ignore-not-found || true
    rm -rf "$path"
  done
}

is_ready() {
  kubectl wait --for=condition=Ready node/node --timeout=1s && kubectl get serviceaccount default
}

trap 'exit 0' TERM INT
# In a group of its own, paths of groups begin at the container on cgroup version 1 too.
if [ -z "${IN_OWN_CGROUP-}" ]; then IN_OWN_CGROUP=yes exec unshare --cgroup -- "$0" "$@"; fi
if [ "${1-}" = --while-stdin ]; then cat <&0 >/dev/null & started[$!]=stdin; fi
rights
folders
cgroups
host_settings
certificates
kubeconfig "$KUBECONFIG" "https://$ip:6443" admin
kubeconfig /etc/node/kubelet.kubeconfig "https://$ip:6443" kubelet
control_plane
containers
network
start volumes volumes
until_true is_ready
kubeconfig /kubeconfig/network.yaml "https://$(hostname):6443" admin
kubeconfig /kubeconfig/host.yaml "${SERVER:-https://127.0.0.1:6443}" admin
touch "$run/ready"
echo "the node is ready"
wait -n -p pid || true
[ "${started[$pid]}" != stdin ] || exit 0
has_ended "$pid"
