{{/*
What the four services have in common. All take
(dict "root" $ "name" "watcher" "values" .Values.watcher "env" (dict …)); the Deployment
also "volumes" and "mounts", and of a provisioner its name on the bus ("provider") and its "kinds".
*/}}

{{/* A service's values over the common ones, as YAML. */}}
{{- define "cro.values" -}}
{{- mergeOverwrite (deepCopy .root.Values.common) (deepCopy .values) | toYaml }}
{{- end }}

{{/* One Deployment with its PodDisruptionBudget and scaler, or one for each kind. */}}
{{- define "cro.deployments" -}}
{{- if .values.perKind }}
{{- range $kind := .kinds }}
{{- $values := mergeOverwrite (omit (deepCopy $.values) "kinds") (deepCopy (index $.values.kinds $kind | default dict)) }}
{{- include "cro.deployment" (merge (dict "values" $values "kind" $kind) $) }}
{{- end }}
{{- else }}
{{- include "cro.deployment" . }}
{{- end }}
{{- end }}

{{- define "cro.deployment" -}}
{{- $root := .root }}
{{- $values := include "cro.values" . | fromYaml }}
{{- $name := .name }}
{{- $env := merge (include "cro.commonEnv" (dict "root" $root "name" .name "values" $values) | fromYaml) .env }}
{{- $kinds := .kinds }}
{{- $scaling := $values.autoscaling | default (dict "type" "none") }}
{{- $selector := include "cro.selector" (list $root .name) }}
{{- if .kind }}
{{- $name = printf "%s-%s" .name .kind }}
{{- $selector = printf "%s\nintegreatly.org/kind: %s" $selector .kind }}
{{- $kinds = list .kind }}
{{- $_ := set $env "KINDS" .kind }}
{{- end }}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{- include "cro.metadata" (list $root $name .name) | nindent 2 }}
spec:
  {{- if and (eq $scaling.type "none") (not (kindIs "invalid" $values.replicas)) }}
  replicas: {{ $values.replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector:
    matchLabels: {{- $selector | nindent 6 }}
  template:
    metadata:
      labels:
        {{- $selector | nindent 8 }}
        app.kubernetes.io/part-of: cloud-resource-operator
      annotations:
        # Pods start anew when another authority signs, or the role changes that is put into them.
        integreatly.org/certificates: {{ $root.Values.certificates.provider }}
        {{- with (eq .name "aws-provisioner" | ternary $root.Values.aws.roleArn "") }}
        integreatly.org/role: {{ . | quote }}
        {{- end }}
        {{- with $values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ .name }}
      enableServiceLinks: false
      {{- with $root.Values.image.pullSecrets }}
      imagePullSecrets: {{- range . }}
        - name: {{ . | quote }}
      {{- end }}
      {{- end }}
      securityContext: {{- include "cro.podSecurity" (list $root 65532) | nindent 8 }}
      terminationGracePeriodSeconds: {{ add $values.drainSeconds 10 }}
      {{- with include "cro.scheduling" (dict "values" $values "selector" $selector) }}
      {{- . | nindent 6 }}
      {{- end }}
      containers:
        - name: {{ .name }}
          image: {{ include "cro.image" (list $root .name) | quote }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          securityContext: {{- include "cro.containerSecurity" $root | nindent 12 }}
          resources: {{- toYaml $values.resources | nindent 12 }}
          ports:
            - {name: admin, containerPort: 8080}
            {{- if ne .name "watcher" }}
            - {name: grpc, containerPort: 8081}
            {{- end }}
          livenessProbe:
            httpGet: {path: /live, port: admin}
            periodSeconds: 10
            timeoutSeconds: 5
          readinessProbe:
            httpGet: {path: /ready, port: admin}
            periodSeconds: 5
            timeoutSeconds: 5
          env:
            {{- include "cro.env" $env | nindent 12 }}
            {{- if eq .name "watcher" }}
            - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
            {{- end }}
            {{- with $values.extraEnv }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          volumeMounts:
            - {name: keys, mountPath: /keys, readOnly: true}
            - {name: tls, mountPath: /tls, readOnly: true}
            {{- include "cro.natsMounts" $root | nindent 12 }}
            {{- with .mounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
      volumes:
        - {name: keys, secret: {secretName: {{ .name }}-keys, defaultMode: {{ 0440 }}}}
        - {name: tls, secret: {secretName: {{ include "cro.tlsSecret" (list $root .name) }}, defaultMode: {{ 0440 }}}}
        {{- include "cro.natsVolumes" (list $root .name) | nindent 8 }}
        {{- with .volumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
{{- include "cro.podDisruptionBudget" (dict "root" $root "name" $name "component" .name "selector" $selector "budget" $values.podDisruptionBudget) }}
{{- include "cro.scaler" (dict "root" $root "name" $name "component" .name "provider" .provider "kinds" $kinds "scaling" $scaling) }}
{{- end }}

{{/* Environment of all four. */}}
{{- define "cro.commonEnv" -}}
{{- $values := .root.Values }}
{{- $nats := $values.nats }}
{{- $external := not $nats.enabled }}
LOG_FORMAT: {{ $values.log.format | quote }}
LOG_LEVEL: {{ $values.log.level | quote }}
DRAIN_SECONDS: {{ .values.drainSeconds | int64 | toString | quote }}
KEYS_DIR: /keys
GRPC_TLS_DIR: /tls
NATS_URL: {{ include "cro.natsUrl" .root | quote }}
{{- if $nats.enabled }}
NATS_CA_FILE: /tls/ca.crt
NATS_TLS_FIRST: "true"
{{- else }}
NATS_CREDENTIALS_FILE: /nats/credentials/{{ .name }}.{{ $nats.external.credentialsFormat }}
NATS_TLS_FIRST: {{ $nats.external.tlsFirst | toString | quote }}
{{- if $nats.external.caSecret }}
NATS_CA_FILE: /nats/ca/ca.crt
{{- end }}
{{- end }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ $values.otlp.endpoint | quote }}
{{- end }}

{{- define "cro.natsMounts" -}}
{{- if not .Values.nats.enabled }}
- {name: nats-credentials, mountPath: /nats/credentials, readOnly: true}
{{- if .Values.nats.external.caSecret }}
- {name: nats-ca, mountPath: /nats/ca, readOnly: true}
{{- end }}
{{- end }}
{{- end }}

{{/* Of the Secret with everybody's credentials, a service sees its own. */}}
{{- define "cro.natsVolumes" -}}
{{- $root := first . }}
{{- $service := last . }}
{{- if not $root.Values.nats.enabled }}
{{- with $root.Values.nats.external }}
{{- $file := printf "%s.%s" $service .credentialsFormat }}
- name: nats-credentials
  secret: {secretName: {{ .credentialsSecret | quote }}, defaultMode: {{ 0440 }}, items: [{key: {{ $file }}, path: {{ $file }}}]}
{{- if .caSecret }}
- name: nats-ca
  secret: {secretName: {{ .caSecret | quote }}, defaultMode: {{ 0440 }}, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The Service by which the watcher reads statuses; replicas for all kinds stand behind it. */}}
{{- define "cro.grpcService" -}}
---
apiVersion: v1
kind: Service
metadata: {{- include "cro.metadata" (list .root .name .name) | nindent 2 }}
spec:
  selector: {{- include "cro.selector" (list .root .name) | nindent 4 }}
  ports:
    - {name: grpc, port: 8081, targetPort: grpc, appProtocol: grpc}
{{- end }}

{{- define "cro.podDisruptionBudget" -}}
{{- if .budget.enabled }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{- include "cro.metadata" (list .root .name .component) | nindent 2 }}
spec:
  maxUnavailable: {{ .budget.maxUnavailable | default 1 }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- .selector | nindent 6 }}
{{- end }}
{{- end }}
