{{/* What the schema cannot say, and what only the cluster knows. `helm template` sees no cluster. */}}
{{- define "cro.validate" -}}
{{- include "cro.validateNats" .Values.nats }}
{{- include "cro.validateCredentials" . }}
{{- include "cro.validateNetwork" . }}
{{- if and (eq .Values.mappingNamespace "claim") .Values.config.types }}
{{- fail "config.types has no effect with mappingNamespace: claim: each namespace of claims has a cloud-resource-config of its own then" }}
{{- end }}
{{- if lookup "v1" "Namespace" "" "kube-system" }}
{{- include "cro.validateCrds" . }}
{{- include "cro.validateServers" . }}
{{- include "cro.validateOthers" . }}
{{- end }}
{{- end }}

{{- define "cro.validateNats" -}}
{{- if and .enabled (hasSuffix "Gi" .storage.size) (lt (trimSuffix "Gi" .storage.size | int) 5) }}
{{- fail (printf "nats.storage.size is %s, and streams reserve 4Gi: set 5Gi or more" .storage.size) }}
{{- end }}
{{- if not .enabled }}
{{- range $name := list "url" "credentialsSecret" }}
{{- if not (index $.external $name) }}
{{- fail (printf "nats.external.%s is missing: without the embedded NATS (nats.enabled: false), say where NATS is (url) and which Secret has <service>.%s for each service (credentialsSecret)" $name $.external.credentialsFormat) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "cro.validateCredentials" -}}
{{- if and .Values.aws.credentialsSecret (or .Values.openshift.credentialsRequest.enabled .Values.openshift.sts.enabled) }}
{{- fail "set either aws.credentialsSecret or the switches under openshift: each says which Secret has the AWS credentials" }}
{{- end }}
{{- end }}

{{- define "cro.validateNetwork" -}}
{{- $scaled := include "cro.usesKeda" .Values | trim }}
{{- if and $scaled (not .Values.nats.enabled) (not .Values.nats.external.monitoringEndpoint) }}
{{- fail (printf "nats.external.monitoringEndpoint is missing: autoscaling.type keda of %s reads it" $scaled) }}
{{- end }}
{{- with .Values.databases }}
{{- if and (or .subnetIds .securityGroupIds) (not .vpcId) }}
{{- fail "databases.vpcId is missing: databases.subnetIds and databases.securityGroupIds are of that VPC" }}
{{- end }}
{{- end }}
{{- range $name, $values := dict "awsProvisioner" .Values.awsProvisioner "openshiftProvisioner" .Values.openshiftProvisioner }}
{{- if and $values.kinds (not $values.perKind) }}
{{- fail (printf "%s.kinds counts only with %s.perKind: true" $name $name) }}
{{- end }}
{{- end }}
{{- end }}

{{/* setup notes at the CRDs which version they are of. */}}
{{- define "cro.validateCrds" -}}
{{- $crd := lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" "postgres.integreatly.org" }}
{{- $there := dig "metadata" "annotations" "integreatly.org/operator-version" "" $crd }}
{{- if and $there (semverCompare (printf ">%s" .Chart.AppVersion) $there) (not .Values.crds.allowDowngrade) }}
{{- fail (printf "the CRDs are of version %s and this chart is %s: install a newer chart, or set crds.allowDowngrade=true when no claim uses what is newer" $there .Chart.AppVersion) }}
{{- end }}
{{- if not .Values.crds.install }}
{{- if not $crd }}
{{- fail "the CRDs are missing: apply crds/manifests (kubectl apply --server-side), or set crds.install=true" }}
{{- else if and $there (semverCompare (printf "<%s" .Chart.AppVersion) $there) }}
{{- fail (printf "the CRDs are of version %s and this chart needs %s: apply crds/manifests (kubectl apply --server-side), or set crds.install=true" $there .Chart.AppVersion) }}
{{- end }}
{{- end }}
{{- end }}

{{/* A server alone does not load what was stored with copies, and the watcher that leads would go on asking for copies. */}}
{{- define "cro.validateServers" -}}
{{- $storage := .Values.nats.storage }}
{{- range dig "spec" "volumeClaimTemplates" (list) (lookup "apps/v1" "StatefulSet" .Release.Namespace "nats") }}
{{- $size := .spec.resources.requests.storage }}
{{- $class := .spec.storageClassName | default "" }}
{{- if and $.Values.nats.enabled (or (ne $size $storage.size) (ne $class $storage.storageClassName)) }}
{{- fail (printf "nats.storage cannot change (size %s, class %q are there): set these, or delete the StatefulSet nats and its volumes first (kubectl delete statefulset/nats, then pvc --selector app.kubernetes.io/name=nats): what they hold is made again" $size $class) }}
{{- end }}
{{- end }}
{{- $there := dig "spec" "replicas" 0 (lookup "apps/v1" "StatefulSet" .Release.Namespace "nats") | int }}
{{- /* An uninstall keeps the volumes. */}}
{{- if lookup "v1" "PersistentVolumeClaim" .Release.Namespace "data-nats-1" }}{{ $there = max $there 3 | int }}{{ end }}
{{- if and .Values.nats.enabled (gt $there (int .Values.nats.replicas)) }}
{{- fail (printf "nats.replicas cannot go from %d to %d: delete the StatefulSet nats and its volumes first (kubectl delete statefulset/nats, then pvc --selector app.kubernetes.io/name=nats): what they hold is made again" $there (int .Values.nats.replicas)) }}
{{- end }}
{{- end }}

{{/* Two operators never serve one claim. Each of ours says on a ClusterRole which namespaces it serves; the Go operator, on its
Deployment. */}}
{{- define "cro.validateOthers" -}}
{{- range $go := (lookup "apps/v1" "Deployment" "" "").items }}
{{- if eq .metadata.name "cloud-resource-operator" }}
{{- with include "cro.overlap" (dict "own" $.Values.watchNamespaces "theirs" (include "cro.goNamespaces" . | splitList "," | compact)) }}
{{- fail (printf "the Go operator in namespace %s serves %s, even when it is scaled to 0: claims that it made cannot be taken over yet; name in watchNamespaces what it does not serve" $go.metadata.namespace .) }}
{{- end }}
{{- end }}
{{- end }}
{{- range (lookup "rbac.authorization.k8s.io/v1" "ClusterRole" "" "").items }}
{{- $annotations := .metadata.annotations | default dict }}
{{- if hasKey $annotations "integreatly.org/watch-namespaces" }}
{{- $namespace := index $annotations "integreatly.org/operator-namespace" }}
{{- $release := index $annotations "meta.helm.sh/release-name" | default "" }}
{{- $theirs := compact (splitList "," (index $annotations "integreatly.org/watch-namespaces")) }}
{{- if eq $namespace $.Release.Namespace }}
{{- if and $release (ne $release $.Release.Name) }}
{{- fail (printf "the release %s is an installation in this namespace already: upgrade that one, or choose another namespace" $release) }}
{{- end }}
{{- else }}
{{- with include "cro.overlap" (dict "own" $.Values.watchNamespaces "theirs" $theirs) }}
{{- fail (printf "the operator in namespace %s serves %s: two operators must not serve the same namespace; give each other ones in watchNamespaces" $namespace .) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Which of "theirs" are served by "own" as well; an empty list is all namespaces. */}}
{{- define "cro.overlap" -}}
{{- $both := list }}
{{- range .theirs }}{{ if has . $.own }}{{ $both = append $both . }}{{ end }}{{ end }}
{{- if or (not .own) (not .theirs) $both }}
{{- join ", " $both | default (join ", " .theirs) | default "all namespaces" }}
{{- end }}
{{- end }}

{{/* What a Deployment of the Go operator serves: its OperatorGroup's namespaces, else WATCH_NAMESPACE; empty for all. */}}
{{- define "cro.goNamespaces" -}}
{{- $annotations := dig "metadata" "annotations" (dict) .spec.template | default dict }}
{{- if hasKey $annotations "olm.targetNamespaces" }}
{{- get $annotations "olm.targetNamespaces" }}
{{- else }}
{{- $namespace := .metadata.namespace }}
{{- range .spec.template.spec.containers }}
{{- range .env }}
{{- if eq .name "WATCH_NAMESPACE" }}
{{- $field := dig "valueFrom" "fieldRef" "fieldPath" "" . }}
{{- eq $field "metadata.namespace" | ternary $namespace (.value | default "") }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
