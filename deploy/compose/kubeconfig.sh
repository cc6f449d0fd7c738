# The administrator's kubeconfig, as containers need it. To be sourced.
export KUBECONFIG=/tmp/kubeconfig
cp /kubeconfig/host.yaml $KUBECONFIG
kubectl config set-cluster "$(kubectl config view --minify --output 'jsonpath={.clusters[0].name}')" \
  --server https://kubernetes:6443 >/dev/null
authority() { kubectl config view --raw --minify --output 'jsonpath={.clusters[0].cluster.certificate-authority-data}'; }
