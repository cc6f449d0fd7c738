{{/*
A ValidatingAdmissionPolicy for what one service writes, and its binding:
(dict "root" $ "name" "secrets" "account" "secret-writer" "group" "" "version" "v1" "resources" list "operations" list
"variables" text "rules" text). RBAC says which verbs on which kinds; these say which objects.
*/}}
{{- define "cro.policy" -}}
{{- $root := .root }}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{- include "cro.clusterMetadata" (list $root .name .account) | nindent 2 }}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      {{- range $group, $resources := .resources }}
      - apiGroups: [{{ $group | quote }}]
        apiVersions: ["*"]
        operations: {{ toJson $.operations }}
        resources: {{ toJson $resources }}
      {{- end }}
  matchConditions:
    - name: by-{{ .account }}
      expression: request.userInfo.username == 'system:serviceaccount:{{ $root.Release.Namespace }}:{{ .account }}'
  {{- with .variables }}
  variables: {{- . | nindent 4 }}
  {{- end }}
  validations: {{- .rules | nindent 4 }}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{- include "cro.clusterMetadata" (list $root .name .account) | nindent 2 }}
spec:
  policyName: {{ include "cro.clusterName" (list $root .name) }}
  validationActions: [Deny]
{{- end }}

{{/* CEL: our label on an object, the uid that it names, and the uid of the claim that controls it. */}}
{{- define "cro.celManaged" -}}
{{ . }}.metadata.?labels[?'app.kubernetes.io/managed-by'].orValue('') == 'cloud-resource-operator'
{{- end }}
{{- define "cro.celUid" -}}
{{ . }}.metadata.?labels[?'integreatly.org/claim-uid'].orValue('')
{{- end }}
{{- define "cro.celController" -}}
{{ . }}.metadata.?ownerReferences.orValue([]).filter(owner, owner.?controller.orValue(false))
{{- end }}
