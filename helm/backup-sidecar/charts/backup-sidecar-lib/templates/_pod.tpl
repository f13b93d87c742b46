{{/*
Init containers of the pod: the native sidecar, and the gate where it is one of them.
*/}}
{{- define "backup-sidecar.initContainers" -}}
{{- include "backup-sidecar.check" . -}}
{{- $gate := include "backup-sidecar.gate" . -}}
{{- if eq (include "backup-sidecar.mode" .) "native" -}}
{{- include "backup-sidecar.sidecar" . }}
{{- if eq $gate "initContainer" }}
{{ include "backup-sidecar.prepareContainers" . }}
{{- end }}
{{- else if eq $gate "initContainer" -}}
{{- include "backup-sidecar.restoreContainers" . }}
{{- end }}
{{- end }}

{{/*
Containers of the pod: the classic sidecar.
*/}}
{{- define "backup-sidecar.containers" -}}
{{- if eq (include "backup-sidecar.mode" .) "classic" -}}
{{- include "backup-sidecar.sidecar" . }}
{{- end }}
{{- end }}

{{- define "backup-sidecar.sidecar" -}}
{{- $v := .Values.backupSidecar -}}
{{- $isNative := eq (include "backup-sidecar.mode" .) "native" -}}
- name: backup-sidecar
  image: {{ include "backup-sidecar.imageOf" $v.image }}
  imagePullPolicy: {{ $v.image.pullPolicy }}
  {{- if $isNative }}
  restartPolicy: Always
  {{- end }}
  args: [serve, --config, /etc/backup-sidecar/serve.jsonc]
  env:
    {{- include "backup-sidecar.environment" . | nindent 4 }}
  {{- with $v.extraEnvFrom }}
  envFrom:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- $monitorPort := include "backup-sidecar.monitorPort" . }}
  {{- if or $monitorPort $v.service.monitorGrpcListen }}
  ports:
    {{- with $monitorPort }}
    - name: sidecar-http
      containerPort: {{ . }}
      protocol: TCP
    {{- end }}
    {{- with $v.service.monitorGrpcListen }}
    - name: sidecar-grpc
      containerPort: {{ include "backup-sidecar.portOf" . }}
      protocol: TCP
    {{- end }}
  {{- end }}
  startupProbe:
    exec:
      command: [/app/backup-sidecar, probe, startup, {{ if and $isNative (eq (include "backup-sidecar.gate" .) "startupProbe") }}--prepare, {{ end }}--state, {{ $v.state.path | quote }}]
    periodSeconds: {{ int $v.probes.startup.periodSeconds }}
    timeoutSeconds: {{ int $v.probes.startup.timeoutSeconds }}
    failureThreshold: {{ int $v.probes.startup.failureThreshold }}
  {{- range $probe := list "readiness" "liveness" }}
  {{- with index $v.probes $probe }}
  {{- if .enabled }}
  {{ $probe }}Probe:
    {{- if $monitorPort }}
    httpGet: { path: {{ ternary "/readyz" "/livez" (eq $probe "readiness") }}, port: sidecar-http }
    {{- else }}
    exec:
      command: [/app/backup-sidecar, probe, {{ $probe }}, --state, {{ $v.state.path | quote }}]
    {{- end }}
    periodSeconds: {{ int .periodSeconds }}
    timeoutSeconds: {{ int .timeoutSeconds }}
    failureThreshold: {{ int .failureThreshold }}
  {{- end }}
  {{- end }}
  {{- end }}
  {{- with $v.lifecycle }}
  lifecycle:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- include "backup-sidecar.commonOfContainers" . | nindent 2 }}
{{- end }}

{{/*
Native, gate initContainer: asks the sidecar that runs already, which also puts a staged restore in place.
*/}}
{{- define "backup-sidecar.prepareContainers" -}}
{{- $v := .Values.backupSidecar -}}
{{- range $i, $source := $v.sources }}
{{- if and $source.path (ne (toString $source.enabled) "false") }}
- name: backup-sidecar-restore-{{ $i }}
  image: {{ include "backup-sidecar.imageOf" $v.image }}
  imagePullPolicy: {{ $v.image.pullPolicy }}
  args: [restore, --if-missing, --sidecar, {{ printf "unix:%s/operator/sidecar.sock" (clean $v.state.path) | quote }}, --source, {{ include "backup-sidecar.sourceName" $source | quote }}]
  env:
    {{- include "backup-sidecar.environment" $ | nindent 4 }}
  {{- include "backup-sidecar.commonOfContainers" $ | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Classic, gate initContainer: no sidecar runs yet, so each database that is missing is filled from the repositories of the configuration.
*/}}
{{- define "backup-sidecar.restoreContainers" -}}
{{- $v := .Values.backupSidecar -}}
{{- range $i, $source := $v.sources }}
{{- if and $source.path (ne (toString $source.enabled) "false") }}
- name: backup-sidecar-restore-{{ $i }}
  image: {{ include "backup-sidecar.imageOf" $v.image }}
  imagePullPolicy: {{ $v.image.pullPolicy }}
  args: [restore, --if-missing, --config, /etc/backup-sidecar/serve.jsonc, --source, {{ include "backup-sidecar.sourceName" $source | quote }}, --output, {{ $source.path | quote }}]
  env:
    {{- include "backup-sidecar.environment" $ | nindent 4 }}
  {{- with $v.extraEnvFrom }}
  envFrom:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- include "backup-sidecar.commonOfContainers" $ | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{/*
The name that the program gives a source without one: that of its file, without the extension and without what names do not hold.
*/}}
{{- define "backup-sidecar.sourceName" -}}
{{- if .name -}}
{{ .name }}
{{- else -}}
{{- $stem := base .path | trimSuffix (ext .path) -}}
{{- regexReplaceAllLiteral "^[.-]+" (regexReplaceAllLiteral "[^A-Za-z0-9._-]" $stem "-") "" | trunc 64 }}
{{- end -}}
{{- end }}

{{/*
XDG_STATE_HOME, so that 'kubectl exec … -- /app/backup-sidecar status' finds the sidecar without an option.
*/}}
{{- define "backup-sidecar.environment" -}}
{{- $v := .Values.backupSidecar -}}
- name: TMPDIR
  value: /tmp
{{- if eq (base $v.state.path) "backup-sidecar" }}
- name: XDG_STATE_HOME
  value: {{ dir $v.state.path | quote }}
{{- end }}
{{- range $v.secretVariables }}
- name: {{ .name }}
  valueFrom:
    secretKeyRef: { name: {{ .secret | quote }}, key: {{ .key | quote }} }
{{- end }}
{{- with $v.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "backup-sidecar.commonOfContainers" -}}
{{- with .Values.backupSidecar.resources -}}
resources:
  {{- toYaml . | nindent 2 }}
{{ end -}}
{{- with .Values.backupSidecar.securityContext -}}
securityContext:
  {{- toYaml . | nindent 2 }}
{{ end -}}
volumeMounts:
  {{- include "backup-sidecar.volumeMounts" . | nindent 2 }}
{{- end }}

{{- define "backup-sidecar.volumeMounts" -}}
{{- $v := .Values.backupSidecar -}}
- name: backup-sidecar-config
  mountPath: /etc/backup-sidecar
  readOnly: true
{{ include "backup-sidecar.appVolumeMounts" . }}
- name: backups
  mountPath: {{ $v.repository.path | quote }}
  {{- with $v.persistence.backups.subPath }}
  subPath: {{ . | quote }}
  {{- end }}
- name: {{ ternary "state" "backups" $v.persistence.state.enabled }}
  mountPath: {{ $v.state.path | quote }}
  {{- with $v.persistence.state.subPath }}
  subPath: {{ . | quote }}
  {{- end }}
- name: {{ $v.temporary.volume | default "backup-sidecar-tmp" }}
  mountPath: /tmp
{{- range $i, $secret := $v.secretFiles }}
- name: backup-sidecar-secret-{{ $i }}
  mountPath: {{ $secret.mountPath | quote }}
  readOnly: true
{{- end }}
{{- with $v.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/*
Mounts of the app: the databases, and the directory of the sidecar's socket.
*/}}
{{- define "backup-sidecar.appVolumeMounts" -}}
{{- range .Values.backupSidecar.data -}}
- name: {{ .volume }}
  mountPath: {{ .mountPath | quote }}
  {{- with .subPath }}
  subPath: {{ . | quote }}
  {{- end }}
{{ end -}}
- name: backup-sidecar-socket
  mountPath: {{ dir .Values.backupSidecar.service.appSocket | quote }}
{{- end }}

{{/*
Variables of the app.
*/}}
{{- define "backup-sidecar.appEnv" -}}
- name: BACKUPSIDECAR_ADDRESS
  value: {{ include "backup-sidecar.address" . | quote }}
{{- end }}

{{/*
Lifecycle of the app; empty without a sleep.
*/}}
{{- define "backup-sidecar.appLifecycle" -}}
{{- with int .Values.backupSidecar.termination.preStopSleepSeconds -}}
preStop:
  sleep: { seconds: {{ . }} }
{{- end }}
{{- end }}
