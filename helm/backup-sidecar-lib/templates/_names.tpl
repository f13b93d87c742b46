{{/*
Full name of the release in this chart, as `helm create` makes it; 63 characters at most.
*/}}
{{- define "backup-sidecar.fullname" -}}
{{- include "backup-sidecar.checkAlias" . -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Name of an object of the sidecar: dict "root" $ "suffix" "config". Of a long name of the release the end is cut, never the suffix.
*/}}
{{- define "backup-sidecar.objectName" -}}
{{- $fullname := include "backup-sidecar.fullname" .root -}}
{{- $suffix := printf "%s-%s" (ternary "" "-sidecar" (contains "sidecar" $fullname)) .suffix -}}
{{- printf "%s%s" ($fullname | trunc (int (sub 63 (len $suffix))) | trimSuffix "-") $suffix }}
{{- end }}

{{/*
Metadata of an object of the sidecar: dict "root" $ "suffix" "config", and "namespace", "labels", "annotations" where it has its own.
*/}}
{{- define "backup-sidecar.metadata" -}}
name: {{ include "backup-sidecar.objectName" . }}
namespace: {{ .namespace | default .root.Release.Namespace }}
labels:
  {{- include "backup-sidecar.labels" .root | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (.annotations | default dict) (.root.Values.commonAnnotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/*
Name of a claim: dict "root" $ "of" "backups". For claims that are objects of their own.
*/}}
{{- define "backup-sidecar.claimName" -}}
{{- $claim := index .root.Values.backupSidecar.persistence .of -}}
{{- if $claim.existingClaim }}
{{- $claim.existingClaim }}
{{- else }}
{{- $suffix := printf "-%s" .of -}}
{{- printf "%s%s" (include "backup-sidecar.fullname" .root | trunc (int (sub 63 (len $suffix))) | trimSuffix "-") $suffix }}
{{- end }}
{{- end }}

{{- define "backup-sidecar.selectorLabels" -}}
{{- include "backup-sidecar.checkAlias" . -}}
{{- with .Values.backupSidecar.selectorLabels }}
{{- toYaml . }}
{{- else -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- end }}

{{/*
Labels of the objects that the library makes. The component is no part of the pod's labels, so that nothing selects these by mistake.
*/}}
{{- define "backup-sidecar.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "backup-sidecar.selectorLabels" . }}
app.kubernetes.io/component: backup-sidecar
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with merge (dict) .Values.backupSidecar.commonLabels (.Values.commonLabels | default dict) }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/*
A reference to an image, made of its values: registry, repository, tag, digest.
*/}}
{{- define "backup-sidecar.imageOf" -}}
{{- $name := .repository -}}
{{- if .registry }}{{ $name = printf "%s/%s" .registry .repository }}{{ end -}}
{{- if .digest }}{{ printf "%s@%s" $name .digest }}{{ else }}{{ printf "%s:%s" $name .tag }}{{ end -}}
{{- end }}

{{/*
"native" or "classic".
*/}}
{{- define "backup-sidecar.mode" -}}
{{- include "backup-sidecar.checkAlias" . -}}
{{- $mode := .Values.backupSidecar.mode -}}
{{- if eq $mode "auto" }}{{ ternary "native" "classic" (semverCompare ">=1.29.0-0" .Capabilities.KubeVersion.Version) }}{{ else }}{{ $mode }}{{ end -}}
{{- end }}

{{/*
"startupProbe", "initContainer" or "app".
*/}}
{{- define "backup-sidecar.gate" -}}
{{- $gate := .Values.backupSidecar.gate -}}
{{- if eq $gate "auto" }}{{ ternary "startupProbe" "initContainer" (eq (include "backup-sidecar.mode" .) "native") }}{{ else }}{{ $gate }}{{ end -}}
{{- end }}

{{/*
Port for metrics and probes that the rest of the cluster reaches; empty: there is none.
*/}}
{{- define "backup-sidecar.monitorPort" -}}
{{- $address := .Values.backupSidecar.service.monitorListen | default "" -}}
{{- if not (regexMatch `^(127\.|\[::1\])` $address) }}{{ include "backup-sidecar.portOf" $address }}{{ end -}}
{{- end }}

{{/*
Port of an address such as 0.0.0.0:9464.
*/}}
{{- define "backup-sidecar.portOf" -}}
{{- regexFind "[0-9]+$" . -}}
{{- end }}

{{/*
What an app sets BACKUPSIDECAR_ADDRESS to.
*/}}
{{- define "backup-sidecar.address" -}}
{{- include "backup-sidecar.checkAlias" . -}}
unix:{{ .Values.backupSidecar.service.appSocket }}
{{- end }}
