#!/bin/sh
# Prepares the cluster, and writes each service a kubeconfig. Every step can run twice.
set -eu
namespace=cloud-resource-operator
server=https://kubernetes:6443
. /compose/kubeconfig.sh

kubectl apply --server-side --force-conflicts --filename /crds
kubectl create namespace $namespace --dry-run=client --output yaml | kubectl apply --filename -
kubectl apply --namespace $namespace --filename /manifests/rights.yaml --filename /config

for service in watcher openshift-provisioner secret-writer; do
  token=$(kubectl create token $service --namespace $namespace --duration 8760h)
  file=/keys/$service/kubeconfig
  cat > $file.new <<END
apiVersion: v1
kind: Config
current-context: compose
contexts: [{name: compose, context: {cluster: compose, user: $service, namespace: $namespace}}]
clusters: [{name: compose, cluster: {server: "$server", certificate-authority-data: $(authority)}}]
users: [{name: $service, user: {token: $token}}]
END
  chown 65532:65532 $file.new
  chmod 0400 $file.new
  mv $file.new $file
done
