{{/*
One alert of the group: dict "root" $ "alert" VALUES "name" N "expr" E "summary" S "description" D. Its runbook is the page of its name.
*/}}
{{- define "backup-sidecar.alert" -}}
{{- $rule := .root.Values.backupSidecar.metrics.prometheusRule -}}
{{- if .alert.enabled }}
- alert: {{ .name }}
  expr: {{ .expr | quote }}
  for: {{ .alert.for }}
  labels:
    severity: {{ .alert.severity }}
    {{- with $rule.alertLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    summary: {{ .summary | quote }}
    description: {{ .description | quote }}
    runbook_url: {{ printf "%s/%s.md" (trimSuffix "/" $rule.runbookBaseUrl) .name | quote }}
{{- end }}
{{- end }}

{{/*
Alerts of this release alone: series of its metrics Service in its namespace.
*/}}
{{- define "backup-sidecar.prometheusRule" -}}
{{- $rule := .Values.backupSidecar.metrics.prometheusRule -}}
{{- $alerts := $rule.alerts -}}
{{- $job := include "backup-sidecar.objectName" (dict "root" . "suffix" "metrics") -}}
{{- $of := printf `namespace="%s",job="%s"` .Release.Namespace $job -}}
{{- $who := printf "%s in namespace %s" (include "backup-sidecar.fullname" .) .Release.Namespace -}}
{{- $drills := false -}}
{{- range .Values.backupSidecar.sources }}
{{- if and .drillEvery (ne (include "backup-sidecar.milliseconds" .drillEvery) "0") }}{{ $drills = true }}{{ end }}
{{- end -}}
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  {{- include "backup-sidecar.metadata" (dict "root" . "suffix" "alerts" "namespace" $rule.namespace "labels" $rule.labels) | nindent 2 }}
spec:
  groups:
    - name: backup-sidecar.{{ .Release.Namespace }}.{{ include "backup-sidecar.fullname" . }}
      rules:
        {{- include "backup-sidecar.alert" (dict "root" . "alert" $alerts.down "name" "BackupSidecarDown"
          "expr" (printf `absent(backupsidecar_sources{%s,protection="safe"})` $of)
          "summary" (printf "The sidecar of %s gives no metrics." $who)
          "description" "It does not run, its port cannot be reached, or Prometheus does not find it: nothing is known of its backups.") | nindent 8 }}
        {{- include "backup-sidecar.alert" (dict "root" . "alert" $alerts.unsafe "name" "BackupSidecarUnsafe"
          "expr" (printf `max by (namespace, job, source) (backupsidecar_sources{%s,protection="unsafe"}) > 0` $of)
          "summary" (printf "Databases of %s are not backed up." $who)
          "description" "{{ $value }} sources are unsafe: nothing of them is stored, or commits have waited for an hour. The status names them and the next step.") | nindent 8 }}
        {{- include "backup-sidecar.alert" (dict "root" . "alert" $alerts.atRisk "name" "BackupSidecarAtRisk"
          "expr" (printf `max by (namespace, job, source) (backupsidecar_sources{%s,protection="at_risk"}) > 0` $of)
          "summary" (printf "Databases of %s are at risk." $who)
          "description" "{{ $value }} sources need to be looked at: what is stored of them restores, but newer commits may not be stored, or a repository lags.") | nindent 8 }}
        {{- include "backup-sidecar.alert" (dict "root" . "alert" $alerts.lag "name" "BackupSidecarLag"
          "expr" (printf "max by (namespace, job, source) (backupsidecar_lag_seconds{%s}) > %v" $of $alerts.lag.thresholdSeconds)
          "summary" (printf "Commits of %s are not stored." $who)
          "description" "The oldest commit has waited for {{ $value | humanizeDuration }}.") | nindent 8 }}
        {{- if .Values.backupSidecar.remotes }}
        {{- include "backup-sidecar.alert" (dict "root" . "alert" $alerts.remoteLag "name" "BackupSidecarRemoteLag"
          "expr" (printf "max by (namespace, job, source, repository, remote) (backupsidecar_remote_lag_seconds{%s}) > %v" $of $alerts.remoteLag.thresholdSeconds)
          "summary" (printf "A remote repository of %s lags." $who)
          "description" "The oldest capture that it lacks has waited for {{ $value | humanizeDuration }}. With the volume of this pod it would be lost.") | nindent 8 }}
        {{- end }}
        {{- include "backup-sidecar.alert" (dict "root" . "alert" $alerts.failed "name" "BackupSidecarFailed"
          "expr" (printf `sum by (namespace, job, source, kind) (increase(backupsidecar_runs_total{%s,outcome="failed"}[1h])) > 0` $of)
          "summary" (printf "A {{ $labels.kind }} of %s failed." $who)
          "description" "In the last hour a {{ $labels.kind }} failed. A drill that failed means that a restore may not work.") | nindent 8 }}
        {{- if $drills }}
        {{- include "backup-sidecar.alert" (dict "root" . "alert" $alerts.staleProof "name" "BackupSidecarStaleProof"
          "expr" (printf `max by (namespace, job, source) (backupsidecar_proved_restore_age_seconds{%s}) > %v or (max by (namespace, job) (backupsidecar_sources{%s,protection="safe"}) unless on (namespace, job) backupsidecar_proved_restore_age_seconds{%s}) >= 0` $of (int64 $alerts.staleProof.thresholdSeconds) $of $of)
          "summary" (printf "Nobody knows whether %s can be restored." $who)
          "description" "No drill has passed for too long, or none ever has, though drills are configured.") | nindent 8 }}
        {{- end }}
        {{- include "backup-sidecar.alert" (dict "root" . "alert" $alerts.diskFilling "name" "BackupSidecarDiskFilling"
          "expr" (printf "min by (namespace, job, use) (backupsidecar_disk_time_to_full_seconds{%s}) < %v" $of $alerts.diskFilling.thresholdSeconds)
          "summary" (printf "The volume for the {{ $labels.use }} of %s fills." $who)
          "description" "If it goes on filling it is full in {{ $value | humanizeDuration }}.") | nindent 8 }}
        {{- include "backup-sidecar.alert" (dict "root" . "alert" $alerts.diskFull "name" "BackupSidecarDiskFull"
          "expr" (printf "min by (namespace, job, use) (backupsidecar_disk_free_bytes{%s} / backupsidecar_disk_size_bytes{%s}) < %v" $of $of $alerts.diskFull.thresholdRatio)
          "summary" (printf "The volume for the {{ $labels.use }} of %s is nearly full." $who)
          "description" "{{ $value | humanizePercentage }} of it is free. On a full volume nothing is captured.") | nindent 8 }}
        {{- if .Values.backupSidecar.remotes }}
        {{- include "backup-sidecar.alert" (dict "root" . "alert" $alerts.credential "name" "BackupSidecarCredentialDead"
          "expr" (printf "max by (namespace, job, repository, remote) (backupsidecar_remote_credential_dead{%s}) > 0" $of)
          "summary" (printf "A credential of %s is worth nothing any more." $who)
          "description" "Nothing goes to that repository until there is a new credential. Somebody has to sign in.") | nindent 8 }}
        {{- end }}
        {{- with $rule.extraRules }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
{{- end }}
