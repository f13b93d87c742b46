{{/*
Every object of the library beside the pod: configuration, metrics Service, ServiceMonitor, PrometheusRule, dashboard.
*/}}
{{- define "backup-sidecar.resources" -}}
{{- include "backup-sidecar.check" . -}}
{{- $metrics := .Values.backupSidecar.metrics -}}
---
{{ include "backup-sidecar.configMap" . }}
{{- if and (include "backup-sidecar.monitorPort" .) $metrics.service.enabled }}
---
{{ include "backup-sidecar.metricsService" . }}
{{- end }}
{{- if $metrics.serviceMonitor.enabled }}
---
{{ include "backup-sidecar.serviceMonitor" . }}
{{- end }}
{{- if $metrics.prometheusRule.enabled }}
---
{{ include "backup-sidecar.prometheusRule" . }}
{{- end }}
{{- if $metrics.dashboard.enabled }}
---
{{ include "backup-sidecar.dashboardConfigMap" . }}
{{- end }}
{{- end }}

{{- define "backup-sidecar.metricsService" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "backup-sidecar.metadata" (dict "root" . "suffix" "metrics" "annotations" .Values.backupSidecar.metrics.service.annotations) | nindent 2 }}
spec:
  type: ClusterIP
  clusterIP: None
  # A pod that is not ready is asked for its metrics all the same.
  publishNotReadyAddresses: true
  selector:
    {{- include "backup-sidecar.selectorLabels" . | nindent 4 }}
  ports:
    - name: sidecar-http
      port: {{ include "backup-sidecar.monitorPort" . }}
      # By number: not every cluster finds the name of a port in an init container.
      targetPort: {{ include "backup-sidecar.monitorPort" . }}
      protocol: TCP
{{- end }}

{{- define "backup-sidecar.serviceMonitor" -}}
{{- $monitor := .Values.backupSidecar.metrics.serviceMonitor -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  {{- include "backup-sidecar.metadata" (dict "root" . "suffix" "metrics" "namespace" $monitor.namespace "labels" $monitor.labels) | nindent 2 }}
spec:
  namespaceSelector:
    matchNames: [{{ .Release.Namespace }}]
  selector:
    matchLabels:
      {{- include "backup-sidecar.selectorLabels" . | nindent 6 }}
      app.kubernetes.io/component: backup-sidecar
  endpoints:
    - port: sidecar-http
      path: /metrics
      {{- with $monitor.interval }}
      interval: {{ . }}
      {{- end }}
      {{- with $monitor.scrapeTimeout }}
      scrapeTimeout: {{ . }}
      {{- end }}
      {{- with $monitor.relabelings }}
      relabelings:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $monitor.metricRelabelings }}
      metricRelabelings:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end }}

{{- define "backup-sidecar.dashboardConfigMap" -}}
{{- $dashboard := .Values.backupSidecar.metrics.dashboard -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "backup-sidecar.metadata" (dict "root" . "suffix" "dashboard" "namespace" $dashboard.namespace "labels" $dashboard.labels "annotations" $dashboard.annotations) | nindent 2 }}
data:
  {{ include "backup-sidecar.fullname" . }}-sidecar.json: |
    {{- include "backup-sidecar.dashboard" . | nindent 4 }}
{{- end }}
