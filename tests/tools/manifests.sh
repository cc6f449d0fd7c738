#!/usr/bin/env bash
# Renders the chart with its default values into deploy/manifests, for those who do not use Helm; or compares.
# Usage: tests/tools/manifests.sh [--check]
set -euo pipefail
cd "$(dirname "$0")/../.."
helm=$(tests/tools/locked.sh build.sh)/helm
chart=charts/cloud-resource-operator
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT

render() { "$helm" template cloud-resource-operator "$chart" --namespace cloud-resource-operator "$@"; }
notice() { printf '# Rendered from %s by `make generate`; do not edit. %s\n' "$chart" "$1"; }
{ notice 'Create the namespace cloud-resource-operator first.'; render; } > "$new/cloud-resource-operator.yaml"
{
  notice 'For the Prometheus Operator and Grafana.'
  render --show-only=templates/monitoring/{servicemonitor,prometheusrule,dashboard}.yaml \
    --set=monitoring.{serviceMonitor,prometheusRule,dashboard}.enabled=true
} > "$new/monitoring.yaml"
{
  notice 'Accounts, their roles, and admission policies alone, for services that run elsewhere.'
  render --show-only='templates/rbac/*.yaml' --show-only='templates/admission/*.yaml'
} > "$new/rights.yaml"

if [ "${1:-}" = --check ]; then
  diff -ru deploy/manifests "$new" >&2 || { echo 'deploy/manifests is not what the chart renders: run make generate' >&2; exit 1; }
else
  mkdir -p deploy/manifests
  cp "$new"/*.yaml deploy/manifests/
fi
