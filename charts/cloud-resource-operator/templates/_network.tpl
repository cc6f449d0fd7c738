{{/* A NetworkPolicy for pods of a component: (dict "root" $ "name" "watcher" "component" "watcher" "rules" text) */}}
{{- define "cro.networkPolicy" }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "cro.metadata" (list .root .name .component) | nindent 2 }}
  {{- with .annotations }}
  annotations: {{- . | nindent 4 }}
  {{- end }}
spec:
  podSelector: {{- include "cro.peer" (list .root .component) | nindent 4 }}
  {{- .rules | nindent 2 }}
{{- end }}

{{/* Pods of a component: (list $ "watcher") */}}
{{- define "cro.peer" -}}
matchLabels:
  app.kubernetes.io/component: {{ last . }}
  app.kubernetes.io/instance: {{ (first .).Release.Name | quote }}
  app.kubernetes.io/part-of: cloud-resource-operator
{{- end }}

{{/* Namespaces by name. */}}
{{- define "cro.namespaces" -}}
namespaceSelector:
  matchExpressions:
    - {key: kubernetes.io/metadata.name, operator: In, values: {{ toJson . }}}
{{- end }}

{{/* A rule of egress: (dict "cidrs" list "ports" list); an empty list of CIDRs is nobody. Anybody is pods as well, which some
networks (Cilium) do not take for addresses. */}}
{{- define "cro.egress" -}}
{{- if .cidrs }}
- to:
    {{- range .cidrs }}
    - ipBlock: {cidr: {{ . | quote }}}
    {{- end }}
    {{- if has "0.0.0.0/0" .cidrs }}
    - namespaceSelector: {}
    {{- end }}
  ports:
    {{- range uniq .ports }}
    - {protocol: TCP, port: {{ int . }}}
    {{- end }}
{{- end }}
{{- end }}

{{/* Port of a URL. */}}
{{- define "cro.port" -}}
{{- $host := (urlParse .).host }}
{{- $port := regexFind ":[0-9]+$" $host | trimPrefix ":" }}
{{- $port | default (hasPrefix "http:" . | ternary "80" (hasPrefix "https:" . | ternary "443" "4222")) }}
{{- end }}

{{/* NATS, for one of the services. */}}
{{- define "cro.egressNats" -}}
{{- if .Values.nats.enabled }}
- to: [{podSelector: {matchLabels: {app.kubernetes.io/name: nats, app.kubernetes.io/instance: {{ .Release.Name | quote }}}}}]
  ports: [{protocol: TCP, port: 4222}]
{{- else }}
{{- $ports := list }}
{{- range splitList "," .Values.nats.external.url }}{{ $ports = append $ports (include "cro.port" (trim .)) }}{{ end }}
{{- include "cro.egress" (dict "cidrs" .Values.networkPolicy.nats.cidrs "ports" $ports) }}
{{- end }}
{{- end }}

{{- define "cro.egressApiServer" -}}
{{ include "cro.egress" .Values.networkPolicy.apiServer }}
{{- end }}

{{/* What all four services need. */}}
{{- define "cro.egressCommon" -}}
{{ include "cro.egressNats" . }}
{{- with .Values.otlp.endpoint }}
{{ include "cro.egress" (dict "cidrs" (list "0.0.0.0/0" "::/0") "ports" (list (include "cro.port" .))) }}
{{- end }}
{{- with .Values.networkPolicy.extraEgress }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Who reads metrics, and of a provisioner or secret-writer the watcher. */}}
{{- define "cro.ingressCommon" -}}
{{- with .Values.networkPolicy.metricsNamespaces }}
- from:
    - {{- include "cro.namespaces" . | nindent 6 }}
  ports: [{protocol: TCP, port: 8080}]
{{- end }}
{{- end }}

{{- define "cro.ingressStatus" -}}
- from:
    - podSelector: {{- include "cro.peer" (list . "watcher") | nindent 8 }}
  ports: [{protocol: TCP, port: 8081}]
{{ include "cro.ingressCommon" . }}
{{- end }}
