{{/*
Sections of the configuration, and the bounds of every duration, for the check in _checks.tpl: made of docs/configuration.md by generate.mjs.
*/}}
{{- define "backup-sidecar.sections" -}}
["repository","remotes","state","sources","compaction","backups","restore","shutdown","service","log"]
{{- end }}
{{- define "backup-sidecar.durations" -}}
[{"key":"remotes[].interval","min":"5s","max":"1d"},{"key":"sources[].rescan","min":"1s","max":"1d"},{"key":"sources[].interval","min":"0s","max":"1h"},{"key":"sources[].rollbackJournalInterval","min":"1s","max":"1d"},{"key":"sources[].scrub","min":"1m","max":"365d"},{"key":"sources[].backupEvery","min":"0s","max":"365d"},{"key":"sources[].drillEvery","min":"0s","max":"365d"},{"key":"compaction.window","min":"1m","max":"7d"},{"key":"compaction.fullAfter","min":"1d","max":"365d"},{"key":"compaction.grace","min":"1m","max":"7d"},{"key":"backups.deleteGrace","min":"0s","max":"365d"},{"key":"restore.confirmWithin","min":"1s","max":"1d"},{"key":"restore.keepOld","min":"0s","max":"365d"},{"key":"shutdown.deadline","min":"1s","max":"1h"},{"key":"shutdown.reserve","min":"0s","max":"1h"}]
{{- end }}
