{{/*
Volumes of the pod, but for those of the databases. Claims that are there already are among them; claims that are made are volumeClaimTemplates
of a StatefulSet, or else objects (backup-sidecar.claims) with volumes of their own (backup-sidecar.claimVolumes).
*/}}
{{- define "backup-sidecar.volumes" -}}
{{- $v := .Values.backupSidecar -}}
- name: backup-sidecar-config
  configMap: { name: {{ include "backup-sidecar.objectName" (dict "root" . "suffix" "config") }} }
- name: backup-sidecar-socket
  emptyDir: { medium: Memory, sizeLimit: 1Mi }
{{- if not $v.temporary.volume }}
- name: backup-sidecar-tmp
  {{- if $v.temporary.sizeLimit }}
  emptyDir: { sizeLimit: {{ $v.temporary.sizeLimit }} }
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- end }}
{{- range $i, $secret := $v.secretFiles }}
- name: backup-sidecar-secret-{{ $i }}
  secret:
    secretName: {{ $secret.secret | quote }}
    # For the owner alone. With an fsGroup the kubelet lets the group read, too: the files belong to root, and the sidecar is in the group.
    defaultMode: 0400
    {{- with $secret.items }}
    items:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- if $secret.optional }}
    optional: true
    {{- end }}
{{- end }}
{{- range $of := list "backups" "state" }}
{{- $claim := index $v.persistence $of }}
{{- if and $claim.existingClaim (include "backup-sidecar.hasClaim" (dict "root" $ "of" $of)) }}
- name: {{ $of }}
  persistentVolumeClaim: { claimName: {{ $claim.existingClaim | quote }} }
{{- end }}
{{- end }}
{{- end }}

{{/*
"true" if the pod has a claim of that name: dict "root" $ "of" "backups".
*/}}
{{- define "backup-sidecar.hasClaim" -}}
{{- if or (eq .of "backups") .root.Values.backupSidecar.persistence.state.enabled }}true{{ end -}}
{{- end }}

{{/*
For volumeClaimTemplates of a StatefulSet.
*/}}
{{- define "backup-sidecar.volumeClaimTemplates" -}}
{{- range $of := list "backups" "state" }}
{{- $claim := index $.Values.backupSidecar.persistence $of }}
{{- if and (not $claim.existingClaim) (include "backup-sidecar.hasClaim" (dict "root" $ "of" $of)) }}
- metadata:
    name: {{ $of }}
    {{- with $claim.annotations }}
    annotations:
      {{- toYaml . | nindent 6 }}
    {{- end }}
  spec:
    {{- include "backup-sidecar.claimSpec" $claim | nindent 4 }}
{{- end }}
{{- end }}
{{- end }}

{{/*
For a pod that is not of a StatefulSet: the volumes of the claims below.
*/}}
{{- define "backup-sidecar.claimVolumes" -}}
{{- range $of := list "backups" "state" }}
{{- $claim := index $.Values.backupSidecar.persistence $of }}
{{- if and (not $claim.existingClaim) (include "backup-sidecar.hasClaim" (dict "root" $ "of" $of)) }}
- name: {{ $of }}
  persistentVolumeClaim: { claimName: {{ include "backup-sidecar.claimName" (dict "root" $ "of" $of) }} }
{{- end }}
{{- end }}
{{- end }}

{{/*
Claims as objects, which stay when the release goes.
*/}}
{{- define "backup-sidecar.claims" -}}
{{- range $of := list "backups" "state" }}
{{- $claim := index $.Values.backupSidecar.persistence $of }}
{{- if and (not $claim.existingClaim) (include "backup-sidecar.hasClaim" (dict "root" $ "of" $of)) }}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ include "backup-sidecar.claimName" (dict "root" $ "of" $of) }}
  namespace: {{ $.Release.Namespace }}
  labels:
    {{- include "backup-sidecar.labels" $ | nindent 4 }}
  annotations:
    helm.sh/resource-policy: keep
    {{- with $claim.annotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- include "backup-sidecar.claimSpec" $claim | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{- define "backup-sidecar.claimSpec" -}}
accessModes:
  {{- toYaml .accessModes | nindent 2 }}
{{- if eq .storageClass "-" }}
storageClassName: ""
{{- else if .storageClass }}
storageClassName: {{ .storageClass | quote }}
{{- end }}
resources:
  requests:
    storage: {{ .size | quote }}
{{- end }}
