{{/* Binds a service's ClusterRole where claims are: everywhere, or in each watched namespace.
(dict "root" $ "role" "watcher" "account" "watcher") */}}
{{- define "cro.bindWatched" -}}
{{- if .root.Values.watchNamespaces }}
{{- include "cro.bindIn" (merge (dict "namespaces" .root.Values.watchNamespaces) .) }}
{{- else }}
{{- include "cro.bindEverywhere" . }}
{{- end }}
{{- end }}

{{- define "cro.bindEverywhere" }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{- include "cro.clusterMetadata" (list .root .role .account) | nindent 2 }}
{{ include "cro.binding" (merge (dict "kind" "ClusterRole") .) }}
{{- end }}

{{- define "cro.bindIn" -}}
{{- range $namespace := uniq .namespaces }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  {{- include "cro.clusterMetadata" (list $.root $.role $.account) | nindent 2 }}
  namespace: {{ $namespace | quote }}
{{ include "cro.binding" (merge (dict "kind" "ClusterRole") $) }}
{{- end }}
{{- end }}

{{/* In the operator's namespace, to a Role of the same name. */}}
{{- define "cro.bindOwn" }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{- include "cro.metadata" (list .root .role .account) | nindent 2 }}
{{ include "cro.binding" (merge (dict "kind" "Role") .) }}
{{- end }}

{{- define "cro.binding" -}}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .kind }}
  name: {{ eq .kind "Role" | ternary .role (include "cro.clusterName" (list .root .role)) }}
subjects:
  - {kind: ServiceAccount, name: {{ .account }}, namespace: {{ .root.Release.Namespace | quote }}}
{{- end }}
