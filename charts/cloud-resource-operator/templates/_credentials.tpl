{{/* The Secret that is mounted into aws-provisioner; empty for none. */}}
{{- define "cro.credentialsSecret" -}}
{{- if .Values.openshift.credentialsRequest.enabled -}}
cloud-resources-aws-credentials
{{- else if .Values.openshift.sts.enabled -}}
{{ .Values.openshift.sts.secret }}
{{- else -}}
{{ .Values.aws.credentialsSecret }}
{{- end }}
{{- end }}
