{{/* What each component may reach, and who may reach it. */}}

{{- define "cro.network.watcher" }}
ingress: {{- include "cro.ingressCommon" . | nindent 2 }}
egress:
  {{- include "cro.egressCommon" . | nindent 2 }}
  {{- include "cro.egressApiServer" . | nindent 2 }}
  - to:
      {{- range list "aws-provisioner" "openshift-provisioner" "secret-writer" }}
      - podSelector: {{- include "cro.peer" (list $ .) | nindent 10 }}
      {{- end }}
    ports: [{protocol: TCP, port: 8081}]
{{- end }}

{{- define "cro.network.secret-writer" }}
ingress: {{- include "cro.ingressStatus" . | nindent 2 }}
egress:
  {{- include "cro.egressCommon" . | nindent 2 }}
  {{- include "cro.egressApiServer" . | nindent 2 }}
{{- end }}

{{- define "cro.network.openshift-provisioner" }}
ingress: {{- include "cro.ingressStatus" . | nindent 2 }}
egress:
  {{- include "cro.egressCommon" . | nindent 2 }}
  {{- include "cro.egressApiServer" . | nindent 2 }}
  # The check of connections to databases in the cluster.
  - to: [{namespaceSelector: {}, podSelector: {matchLabels: {app.kubernetes.io/managed-by: cloud-resource-operator}}}]
    ports: [{protocol: TCP, port: 5432}, {protocol: TCP, port: 6379}]
{{- end }}

{{- define "cro.network.aws-provisioner" }}
{{- $policy := .Values.networkPolicy }}
ingress: {{- include "cro.ingressStatus" . | nindent 2 }}
egress:
  {{- include "cro.egressCommon" . | nindent 2 }}
  {{- include "cro.egress" (dict "cidrs" $policy.aws.cidrs "ports" (list 443)) | nindent 2 }}
  {{- include "cro.egress" (dict "cidrs" $policy.databases.cidrs "ports" $policy.databases.ports) | nindent 2 }}
  # EKS Pod Identity.
  {{- include "cro.egress" (dict "cidrs" (list "169.254.170.23/32" "fd00:ec2::23/128") "ports" (list 80)) | nindent 2 }}
  {{- if $policy.aws.instanceMetadata }}
  {{- include "cro.egress" (dict "cidrs" (list "169.254.169.254/32" "fd00:ec2::254/128") "ports" (list 80)) | nindent 2 }}
  {{- end }}
  {{- range compact (list .Values.aws.endpointUrl .Values.aws.s3EndpointUrl) }}
  {{- include "cro.egress" (dict "cidrs" (list "0.0.0.0/0" "::/0") "ports" (list (include "cro.port" .))) | nindent 2 }}
  {{- end }}
{{- end }}

{{- define "cro.network.nats" }}
{{- $keda := include "cro.usesKeda" .Values }}
ingress:
  - from:
      {{- range list "watcher" "aws-provisioner" "openshift-provisioner" "secret-writer" }}
      - podSelector: {{- include "cro.peer" (list $ .) | nindent 10 }}
      {{- end }}
    ports: [{protocol: TCP, port: 4222}]
  {{- if gt (int .Values.nats.replicas) 1 }}
  - from:
      - podSelector: {{- include "cro.peer" (list $ "nats") | nindent 10 }}
    ports: [{protocol: TCP, port: 6222}]
  {{- end }}
  {{- if $keda }}
  - from:
      - {{- include "cro.namespaces" (list .Values.networkPolicy.kedaNamespace) | nindent 8 }}
    ports: [{protocol: TCP, port: 8222}]
  {{- end }}
{{- if gt (int .Values.nats.replicas) 1 }}
egress:
  - to:
      - podSelector: {{- include "cro.peer" (list $ "nats") | nindent 10 }}
    ports: [{protocol: TCP, port: 6222}]
{{- end }}
{{- end }}
