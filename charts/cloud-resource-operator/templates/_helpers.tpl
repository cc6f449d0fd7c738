{{/* Names, labels, and what is the same everywhere. */}}

{{/* Name of a cluster-scoped object: (list $ "watcher") */}}
{{- define "cro.clusterName" -}}
{{- $root := first . -}}
cloud-resource-operator-{{ $root.Release.Namespace }}-{{ last . }}
{{- end }}

{{/* Labels of an object: (list $ "watcher") */}}
{{- define "cro.labels" -}}
{{- $root := first . -}}
app.kubernetes.io/name: {{ eq (last .) "nats" | ternary "nats" "cloud-resource-operator" }}
app.kubernetes.io/component: {{ last . }}
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
app.kubernetes.io/part-of: cloud-resource-operator
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Labels by which pods are selected: (list $ "watcher") */}}
{{- define "cro.selector" -}}
{{- $root := first . -}}
app.kubernetes.io/name: {{ eq (last .) "nats" | ternary "nats" "cloud-resource-operator" }}
app.kubernetes.io/component: {{ last . }}
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
{{- end }}

{{/* Name, namespace and labels: (list $ "name" "component") */}}
{{- define "cro.metadata" -}}
{{- $root := first . -}}
name: {{ index . 1 }}
namespace: {{ $root.Release.Namespace | quote }}
labels: {{- include "cro.labels" (list $root (last .)) | nindent 2 }}
{{- end }}

{{/* The same without a namespace; the name is made from "what". */}}
{{- define "cro.clusterMetadata" -}}
{{- $root := first . -}}
name: {{ include "cro.clusterName" (list $root (index . 1)) }}
labels: {{- include "cro.labels" (list $root (last .)) | nindent 2 }}
{{- end }}

{{- define "cro.image" -}}
{{- $root := first . -}}
{{ $root.Values.image.registry }}/{{ last . }}:{{ $root.Values.image.tag | default $root.Chart.AppVersion }}
{{- end }}

{{/* The Secret with a component's certificate: (list $ "watcher"). One of each provider's own, so that pods which change over
start with the new one. */}}
{{- define "cro.tlsSecret" -}}
{{ last . }}-{{ eq (first .).Values.certificates.provider "setup" | ternary "tls" "cert-manager-tls" }}
{{- end }}

{{/* "true" on OpenShift. */}}
{{- define "cro.openshift" -}}
{{- $found := .Capabilities.APIVersions.Has "config.openshift.io/v1" -}}
{{- if or (eq .Values.platform "openshift") (and (eq .Values.platform "auto") $found) }}true{{ end }}
{{- end }}

{{/* Of a pod: (list $ uid). OpenShift's SCC assigns uid and group. */}}
{{- define "cro.podSecurity" -}}
runAsNonRoot: true
seccompProfile: {type: RuntimeDefault}
{{- if not (include "cro.openshift" (first .)) }}
runAsUser: {{ last . }}
runAsGroup: {{ last . }}
fsGroup: {{ last . }}
fsGroupChangePolicy: OnRootMismatch
{{- end }}
{{- end }}

{{- define "cro.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* Entries of `env` from a dict. What is empty or false is left out: it is the service's default. */}}
{{- define "cro.env" -}}
{{- range $name, $value := . }}
{{- if kindIs "float64" $value }}{{ $value = int64 $value }}{{ end }}
{{- if kindIs "slice" $value }}{{ $value = join "," $value }}{{ end }}
{{- if not (has $value (list "" false)) }}
- {name: {{ $name }}, value: {{ $value | toString | quote }}}
{{- end }}
{{- end }}
{{- end }}

{{/* Where pods run: (dict "values" … "selector" text) */}}
{{- define "cro.scheduling" -}}
{{- with .values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- if .values.topologySpreadConstraints }}
topologySpreadConstraints:
{{- $own := dict "labelSelector" (dict "matchLabels" (fromYaml .selector)) }}
{{- range .values.topologySpreadConstraints }}
  - {{- toYaml (merge (deepCopy .) $own) | nindent 4 }}
{{- end }}
{{- end }}
{{- end }}

{{/* URL of NATS. */}}
{{- define "cro.natsUrl" -}}
{{ .Values.nats.enabled | ternary "tls://nats:4222" .Values.nats.external.url }}
{{- end }}

{{/* Names of the kinds of claims, as RBAC and policies need them. */}}
{{- define "cro.claims" -}}
[blobstorages, postgres, postgressnapshots, redis, redissnapshots, smtpcredentialsets]
{{- end }}
