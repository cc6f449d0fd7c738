{{/* Names of the provisioners that KEDA scales, as a whole or a kind of theirs. */}}
{{- define "cro.usesKeda" -}}
{{- range $name := list "awsProvisioner" "openshiftProvisioner" }}
{{- $values := index $ $name }}
{{- range prepend (values $values.kinds) $values }}
{{- if eq (dig "autoscaling" "type" "" .) "keda" }}{{ $name }} {{ end }}
{{- end }}
{{- end }}
{{- end }}

{{/* What scales a Deployment: (dict "root" $ "name" … "component" … "provider" "aws" "kinds" (list …) "scaling" values) */}}
{{- define "cro.scaler" -}}
{{- $target := dict "apiVersion" "apps/v1" "kind" "Deployment" "name" .name }}
{{- if eq .scaling.type "hpa" }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{- include "cro.metadata" (list .root .name .component) | nindent 2 }}
spec:
  scaleTargetRef: {{- toYaml $target | nindent 4 }}
  minReplicas: {{ .scaling.minReplicas }}
  maxReplicas: {{ .scaling.maxReplicas }}
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: {{ .scaling.targetCpuPercent }}}}
{{- else if eq .scaling.type "keda" }}
{{- $nats := .root.Values.nats }}
{{- $endpoint := printf "nats-headless.%s.svc:8222" .root.Release.Namespace }}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {{- include "cro.metadata" (list .root .name .component) | nindent 2 }}
spec:
  scaleTargetRef: {{- toYaml $target | nindent 4 }}
  minReplicaCount: {{ .scaling.minReplicas }}
  maxReplicaCount: {{ .scaling.maxReplicas }}
  pollingInterval: {{ .scaling.pollingSeconds }}
  cooldownPeriod: {{ .scaling.cooldownSeconds }}
  triggers:
    {{- range .kinds }}
    - type: nats-jetstream
      metadata:
        natsServerMonitoringEndpoint: {{ $nats.enabled | ternary $endpoint $nats.external.monitoringEndpoint | quote }}
        account: {{ $nats.enabled | ternary "CRO" $nats.external.account | quote }}
        stream: WORK
        consumer: {{ $.provider }}-{{ . }}
        lagThreshold: {{ $.scaling.lagThreshold | int64 | toString | quote }}
    {{- end }}
{{- end }}
{{- end }}
