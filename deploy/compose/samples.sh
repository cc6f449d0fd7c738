#!/bin/sh
# Applies the samples, and waits until all of them are complete.
set -eu
. /compose/kubeconfig.sh
namespace=cloud-resource-operator
kubectl apply --namespace $namespace --filename /samples
if kubectl wait --namespace $namespace --filename /samples --for 'jsonpath={.status.phase}=complete' --timeout 300s; then
  outcome='all samples are complete'
else
  outcome='not all samples are complete'
fi
kubectl get cloudresources --namespace $namespace
echo "$outcome"
[ "$outcome" = 'all samples are complete' ]
