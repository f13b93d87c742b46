{{- define "backup-sidecar-app.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "backup-sidecar.selectorLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/*
Metadata of an object: dict "root" $ "name" N, and "annotations" where it has its own.
*/}}
{{- define "backup-sidecar-app.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "backup-sidecar-app.labels" .root | nindent 2 }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/*
Metadata of a test pod: dict "root" $ "suffix" "test". It must not have the labels of the app's pod, or Services and the workload would take it for that.
*/}}
{{- define "backup-sidecar-app.testMetadata" -}}
name: {{ include "backup-sidecar.objectName" . }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "backup-sidecar-app.testLabels" .root | nindent 2 }}
  app.kubernetes.io/managed-by: {{ .root.Release.Service }}
  {{- with .root.Values.commonLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  helm.sh/hook: test
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{- define "backup-sidecar-app.testLabels" -}}
app.kubernetes.io/name: {{ include "backup-sidecar.objectName" (dict "root" . "suffix" "test") }}
app.kubernetes.io/component: backup-sidecar-test
{{- end }}

{{- define "backup-sidecar-app.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "backup-sidecar.fullname" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{- define "backup-sidecar-app.dataClaimName" -}}
{{- .Values.persistence.data.existingClaim | default (printf "%s-data" (include "backup-sidecar.fullname" . | trunc 58 | trimSuffix "-")) }}
{{- end }}

{{/*
Mistakes that the schema cannot see, in the values of the app.
*/}}
{{- define "backup-sidecar-app.check" -}}
{{- if not .Values.app.image.repository }}
{{- fail "app.image.repository is empty: name the image of the app that uses SQLite." }}
{{- end }}
{{- if and .Values.app.lifecycle.preStop (gt (int .Values.backupSidecar.termination.preStopSleepSeconds) 0) }}
{{- fail "app.lifecycle.preStop and backupSidecar.termination.preStopSleepSeconds exclude each other: give one of them. With a hook of your own, add what it takes to backupSidecar.termination.appSeconds." }}
{{- end }}
{{- $names := list -}}
{{- range .Values.app.ports }}{{ $names = append $names .name }}{{ end -}}
{{- if and .Values.service.enabled (not (has .Values.service.targetPort $names)) }}
{{- fail (printf "service.targetPort: the app has no port named '%s' (%s). Correct it, add the port to app.ports, or set service.enabled to false." .Values.service.targetPort (join ", " $names | default "it has none")) }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.service.enabled) }}
{{- fail "ingress.enabled needs service.enabled: an Ingress leads to the Service." }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) }}
{{- fail "ingress.hosts is empty: name at least one host, such as [{ host: notes.example.com, paths: [{ path: / }] }]." }}
{{- end }}
{{- end }}
