{{/*
Anything without the values that are null, as JSON in an object under the key "it": the program takes its own default for what is not there.
*/}}
{{- define "backup-sidecar.withoutNulls" -}}
{{- if kindIs "map" . -}}
{{- $kept := dict -}}
{{- range $key, $value := . -}}
{{- if not (kindIs "invalid" $value) -}}
{{- $_ := set $kept $key (index (include "backup-sidecar.withoutNulls" $value | fromJson) "it") -}}
{{- end -}}
{{- end -}}
{{- dict "it" $kept | toJson -}}
{{- else if kindIs "slice" . -}}
{{- $kept := list -}}
{{- range . -}}
{{- $kept = append $kept (index (include "backup-sidecar.withoutNulls" . | fromJson) "it") -}}
{{- end -}}
{{- dict "it" $kept | toJson -}}
{{- else -}}
{{- dict "it" . | toJson -}}
{{- end -}}
{{- end }}

{{/*
The configuration of serve, whose sections are values of the same names.
*/}}
{{- define "backup-sidecar.configuration" -}}
{{- $configuration := dict -}}
{{- range $section := include "backup-sidecar.sections" . | fromJsonArray -}}
{{- $value := index (include "backup-sidecar.withoutNulls" (index $.Values.backupSidecar $section) | fromJson) "it" -}}
{{- if $value -}}
{{- $_ := set $configuration $section $value -}}
{{- end -}}
{{- end -}}
{{- if not $configuration.state.instance -}}
{{- $_ := set $configuration.state "instance" (include "backup-sidecar.fullname" .) -}}
{{- end -}}
{{- toPrettyJson $configuration -}}
{{- end }}

{{/*
Annotations of the pod: a new pod for what serve takes over at its start only. Sources and shutdown it reads again while it runs.
*/}}
{{- define "backup-sidecar.podAnnotations" -}}
checksum/backup-sidecar: {{ omit (include "backup-sidecar.configuration" . | fromJson) "sources" "shutdown" | toJson | sha256sum }}
{{- end }}

{{- define "backup-sidecar.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "backup-sidecar.metadata" (dict "root" . "suffix" "config") | nindent 2 }}
data:
  serve.jsonc: |
    {{- include "backup-sidecar.configuration" . | nindent 4 }}
{{- end }}
