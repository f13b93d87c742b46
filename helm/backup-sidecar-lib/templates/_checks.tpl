{{/*
Mistakes that the schema cannot see, told before anything reaches a cluster. Each says what is wrong, what is allowed and what to do.
*/}}
{{- define "backup-sidecar.check" -}}
{{- include "backup-sidecar.checkMode" . }}
{{- include "backup-sidecar.checkDurations" . }}
{{- include "backup-sidecar.checkSources" . }}
{{- include "backup-sidecar.checkRemotes" . }}
{{- include "backup-sidecar.checkService" . }}
{{- include "backup-sidecar.checkTermination" . }}
{{- end }}

{{/*
Asked for by whatever a pod template may name first.
*/}}
{{- define "backup-sidecar.checkAlias" -}}
{{- if not .Values.backupSidecar }}
{{- fail "The library backup-sidecar-lib needs the alias backupSidecar: write 'alias: backupSidecar' beside its name under 'dependencies' in Chart.yaml." }}
{{- end }}
{{- end }}

{{- define "backup-sidecar.checkMode" -}}
{{- $v := .Values.backupSidecar -}}
{{- $version := .Capabilities.KubeVersion.Version -}}
{{- if and (eq $v.mode "native") (semverCompare "<1.29.0-0" $version) }}
{{- fail (printf "backupSidecar.mode: native needs Kubernetes 1.29 or later, and this is %s. Take 'classic', or 'auto', which takes what the cluster can." $version) }}
{{- end }}
{{- if and (eq $v.gate "startupProbe") (eq (include "backup-sidecar.mode" .) "classic") }}
{{- fail "backupSidecar.gate: startupProbe holds the app back in the mode native only: a classic sidecar starts beside the app. Take 'initContainer', or 'app' where the app calls PrepareDatabase." }}
{{- end }}
{{- if and (gt (int $v.termination.preStopSleepSeconds) 0) (semverCompare "<1.30.0-0" $version) }}
{{- fail (printf "backupSidecar.termination.preStopSleepSeconds needs Kubernetes 1.30 or later, and this is %s. Set it to 0, and where the app's image has a sleep, give its container a lifecycle with it." $version) }}
{{- end }}
{{- end }}

{{/*
Milliseconds of a duration such as 100ms, 20s, 5m, 1h, 7d.
*/}}
{{- define "backup-sidecar.milliseconds" -}}
{{- $unit := regexFind "[a-z]+$" . -}}
{{- mul (regexFind "^[0-9]+" . | int64) (get (dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000) $unit) -}}
{{- end }}

{{- define "backup-sidecar.checkDurations" -}}
{{- $v := .Values.backupSidecar -}}
{{- range $duration := include "backup-sidecar.durations" . | fromJsonArray }}
{{- $parts := splitList "." (trimPrefix "." (replace "[]" "" $duration.key)) -}}
{{- $key := last $parts -}}
{{- $section := index $v (first $parts) -}}
{{- range $i, $holder := ternary $section (list $section) (contains "[]" $duration.key) }}
{{- $value := index $holder $key -}}
{{- if $value }}
{{- $length := include "backup-sidecar.milliseconds" $value | int64 -}}
{{- if or (lt $length (include "backup-sidecar.milliseconds" $duration.min | int64)) (gt $length (include "backup-sidecar.milliseconds" $duration.max | int64)) }}
{{- fail (printf "backupSidecar.%s: %s is out of its range, %s to %s." (replace "[]" (printf "[%d]" $i) $duration.key) $value $duration.min $duration.max) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if ge (include "backup-sidecar.milliseconds" $v.shutdown.reserve | int64) (include "backup-sidecar.milliseconds" $v.shutdown.deadline | int64) }}
{{- fail (printf "backupSidecar.shutdown.reserve: %s is not shorter than shutdown.deadline, %s." $v.shutdown.reserve $v.shutdown.deadline) }}
{{- end }}
{{- end }}

{{/*
"true" if the path lies in a directory of the list, or is one: dict "path" P "in" LIST.
*/}}
{{- define "backup-sidecar.isIn" -}}
{{- $path := clean .path -}}
{{- range .in }}
{{- if or (eq (clean .) "/") (eq $path (clean .)) (hasPrefix (printf "%s/" (clean .)) $path) }}true{{ break }}{{ end }}
{{- end }}
{{- end }}

{{/*
Paths of the further mounts of the sidecar, and of its Secrets, as a JSON list.
*/}}
{{- define "backup-sidecar.otherMounts" -}}
{{- $paths := list -}}
{{- range .Values.backupSidecar.secretFiles }}{{ $paths = append $paths .mountPath }}{{ end -}}
{{- range .Values.backupSidecar.extraVolumeMounts }}{{ $paths = append $paths .mountPath }}{{ end -}}
{{- toJson $paths -}}
{{- end }}

{{- define "backup-sidecar.checkSources" -}}
{{- $v := .Values.backupSidecar -}}
{{- if not $v.sources }}
{{- fail "backupSidecar.sources is empty: name at least one database, such as [{ path: /data/app.db }], or a directory of them." }}
{{- end }}
{{- $mounts := list -}}
{{- range $v.data }}{{ $mounts = append $mounts .mountPath }}{{ end -}}
{{- range $i, $source := $v.sources }}
{{- if eq (empty $source.path) (empty $source.directory) }}
{{- fail (printf "backupSidecar.sources[%d] needs a path or a directory%s." $i (ternary ", and has neither" ", and has both" (empty $source.path))) }}
{{- end }}
{{- $place := $source.path | default $source.directory -}}
{{- if not (include "backup-sidecar.isIn" (dict "path" $place "in" $mounts)) }}
{{- fail (printf "backupSidecar.sources[%d]: %s lies on no volume that the sidecar shares with the app (%s). Correct the path, or add the volume to backupSidecar.data." $i $place (join ", " $mounts)) }}
{{- end }}
{{- if and $source.directory (eq (include "backup-sidecar.gate" $) "initContainer") }}
{{- fail (printf "backupSidecar.gate: initContainer (which auto is in the mode classic) restores databases by name, and sources[%d] is the directory %s, whose databases nobody knows before. Take gate 'startupProbe' with a native sidecar, or 'app' where the app calls PrepareDatabase for each database." $i $source.directory) }}
{{- end }}
{{- range $own := list $v.repository.path $v.state.path }}
{{- if include "backup-sidecar.isIn" (dict "path" $place "in" (list $own)) }}
{{- fail (printf "backupSidecar.sources[%d]: %s lies in %s, which is the sidecar's own. Nothing of ours may lie beside a database: choose another path." $i $place $own) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "backup-sidecar.checkRemotes" -}}
{{- $v := .Values.backupSidecar -}}
{{- $mounts := include "backup-sidecar.otherMounts" . | fromJsonArray -}}
{{- $shown := $mounts | join ", " | default "there is none" -}}
{{- $variables := list -}}
{{- range concat $v.secretVariables $v.extraEnv }}{{ $variables = append $variables .name }}{{ end -}}
{{- $names := list -}}
{{- range $i, $remote := $v.remotes }}
{{- if has $remote.name $names }}
{{- fail (printf "backupSidecar.remotes[%d]: the name %s is there twice. Give each repository its own." $i $remote.name) }}
{{- end }}
{{- $names = append $names $remote.name -}}
{{- if eq (empty $remote.path) (empty $remote.drive) }}
{{- fail (printf "backupSidecar.remotes[%d] (%s) needs a path or drive%s." $i $remote.name (ternary ", and has neither" ", and has both" (empty $remote.path))) }}
{{- end }}
{{- if and $remote.path (not (include "backup-sidecar.isIn" (dict "path" $remote.path "in" $mounts))) }}
{{- fail (printf "backupSidecar.remotes[%d] (%s): %s lies on no further mount of the sidecar (%s). Mount the share with backupSidecar.extraVolumeMounts; on the volume of the local repository a copy protects from nothing." $i $remote.name $remote.path $shown) }}
{{- end }}
{{- with $remote.drive }}
{{- if eq (empty .credentialFile) (empty .credentialVariable) }}
{{- fail (printf "backupSidecar.remotes[%d].drive (%s) needs credentialFile or credentialVariable%s." $i $remote.name (ternary ", and has neither" ", and has both" (empty .credentialFile))) }}
{{- end }}
{{- range $key := list "credentialFile" "clientFile" }}
{{- $file := index $remote.drive $key -}}
{{- if and $file (not (include "backup-sidecar.isIn" (dict "path" $file "in" $mounts))) }}
{{- fail (printf "backupSidecar.remotes[%d].drive.%s (%s): %s lies in no mounted Secret (%s). Name the existing Secret in backupSidecar.secretFiles, with the directory as its mountPath." $i $key $remote.name $file $shown) }}
{{- end }}
{{- end }}
{{- if and .credentialVariable (not (has .credentialVariable $variables)) (not $v.extraEnvFrom) }}
{{- fail (printf "backupSidecar.remotes[%d].drive.credentialVariable (%s): nothing sets %s. Name the existing Secret in backupSidecar.secretVariables." $i $remote.name .credentialVariable) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "backup-sidecar.checkService" -}}
{{- $v := .Values.backupSidecar -}}
{{- $service := $v.service -}}
{{- range $key := list "listen" "grpcWebListen" }}
{{- if and (index $service $key) (not $service.tokenFile) }}
{{- fail (printf "backupSidecar.service.%s needs service.tokenFile: whoever can connect to it could do everything. Mount a Secret with backupSidecar.secretFiles." $key) }}
{{- end }}
{{- end }}
{{- $mounts := include "backup-sidecar.otherMounts" . | fromJsonArray -}}
{{- if and $service.tokenFile (not (include "backup-sidecar.isIn" (dict "path" $service.tokenFile "in" $mounts))) }}
{{- fail (printf "backupSidecar.service.tokenFile: %s lies in no mounted Secret (%s). Name the existing Secret in backupSidecar.secretFiles, with the directory as its mountPath." $service.tokenFile ($mounts | join ", " | default "there is none")) }}
{{- end }}
{{- if or (not $service.appSocket) (gt (len $service.appSocket) 107) }}
{{- fail (printf "backupSidecar.service.appSocket: '%s' must be a path of 1 to 107 bytes, in a directory of its own that app and sidecar share." ($service.appSocket | default "")) }}
{{- end }}
{{- if and (not (include "backup-sidecar.monitorPort" .)) (or $v.metrics.serviceMonitor.enabled $v.metrics.prometheusRule.enabled) }}
{{- fail "backupSidecar.metrics needs service.monitorListen, such as 0.0.0.0:9464: without an address that other pods reach there is nothing to collect." }}
{{- end }}
{{- if and $v.metrics.serviceMonitor.enabled (not $v.metrics.service.enabled) }}
{{- fail "backupSidecar.metrics.serviceMonitor needs metrics.service.enabled: Prometheus finds the pod by that Service." }}
{{- end }}
{{- end }}

{{/*
Seconds from SIGTERM of the pod until the sidecar has certainly ended. A native sidecar is asked to end after the app has; a classic one with it.
*/}}
{{- define "backup-sidecar.gracePeriodNeeded" -}}
{{- $t := .Values.backupSidecar.termination -}}
{{- $deadline := div (add (include "backup-sidecar.milliseconds" .Values.backupSidecar.shutdown.deadline | int64) 999) 1000 -}}
{{- $app := add (int $t.preStopSleepSeconds) (int $t.appSeconds) -}}
{{- if eq (include "backup-sidecar.mode" .) "native" }}{{ add $app $deadline 5 }}{{ else }}{{ add (max $app $deadline) 5 }}{{ end -}}
{{- end }}

{{/*
For terminationGracePeriodSeconds of the pod.
*/}}
{{- define "backup-sidecar.terminationGracePeriodSeconds" -}}
{{- .Values.backupSidecar.termination.gracePeriodSeconds | default (include "backup-sidecar.gracePeriodNeeded" .) | int -}}
{{- end }}

{{- define "backup-sidecar.checkTermination" -}}
{{- $t := .Values.backupSidecar.termination -}}
{{- $shutdown := .Values.backupSidecar.shutdown -}}
{{- $app := mul 1000 (add (int $t.preStopSleepSeconds) (int $t.appSeconds)) -}}
{{- $deadline := include "backup-sidecar.milliseconds" $shutdown.deadline | int64 -}}
{{- $reserve := include "backup-sidecar.milliseconds" $shutdown.reserve | int64 -}}
{{- if and (eq (include "backup-sidecar.mode" .) "classic") (lt (sub $deadline $reserve) $app) }}
{{- fail (printf "backupSidecar.shutdown.deadline: a classic sidecar gets SIGTERM together with the app, which takes %ds (termination.preStopSleepSeconds and appSeconds). So the deadline must be %ds plus shutdown.reserve (%s) or more, and is %s; else commits after the final capture are possible." (div $app 1000) (div $app 1000) $shutdown.reserve $shutdown.deadline) }}
{{- end }}
{{- $needed := include "backup-sidecar.gracePeriodNeeded" . | int64 -}}
{{- with $t.gracePeriodSeconds }}
{{- if lt (int64 .) $needed }}
{{- fail (printf "backupSidecar.termination.gracePeriodSeconds: %d is too short, %d or more are needed: the app takes %ds, and the sidecar up to shutdown.deadline, %s, %s it. Raise it, leave it out, or lower shutdown.deadline." (int64 .) $needed (div $app 1000) $shutdown.deadline (ternary "after" "beside" (eq (include "backup-sidecar.mode" $) "native"))) }}
{{- end }}
{{- end }}
{{- end }}
