{{/*
A dashboard for Grafana over every release, chosen by namespace and job. It stands in a raw string, because its legends have braces, too.
*/}}
{{- define "backup-sidecar.dashboard" -}}
{{ `{
 "title": "BackupSidecar",
 "uid": "backup-sidecar",
 "tags": [
  "backup",
  "sqlite"
 ],
 "schemaVersion": 39,
 "version": 1,
 "editable": true,
 "refresh": "1m",
 "time": {
  "from": "now-24h",
  "to": "now"
 },
 "templating": {
  "list": [
   {
    "name": "datasource",
    "type": "datasource",
    "query": "prometheus",
    "label": "Data source"
   },
   {
    "name": "namespace",
    "type": "query",
    "label": "Namespace",
    "datasource": {
     "type": "prometheus",
     "uid": "${datasource}"
    },
    "query": {
     "query": "label_values(backupsidecar_sources, namespace)",
     "refId": "n"
    },
    "refresh": 2,
    "sort": 1
   },
   {
    "name": "job",
    "type": "query",
    "label": "Sidecar",
    "datasource": {
     "type": "prometheus",
     "uid": "${datasource}"
    },
    "query": {
     "query": "label_values(backupsidecar_sources{namespace=\"$namespace\"}, job)",
     "refId": "j"
    },
    "refresh": 2,
    "sort": 1,
    "includeAll": true,
    "multi": true,
    "allValue": ".+"
   }
  ]
 },
 "annotations": {
  "list": []
 },
 "panels": [
  {
   "id": 1,
   "title": "Safe",
   "type": "stat",
   "description": "Sources whose commits are stored.",
   "datasource": {
    "type": "prometheus",
    "uid": "${datasource}"
   },
   "gridPos": {
    "x": 0,
    "y": 0,
    "w": 4,
    "h": 4
   },
   "fieldConfig": {
    "defaults": {
     "unit": "short",
     "min": 0,
     "thresholds": {
      "mode": "absolute",
      "steps": [
       {
        "color": "green",
        "value": null
       }
      ]
     }
    },
    "overrides": []
   },
   "targets": [
    {
     "refId": "A",
     "datasource": {
      "type": "prometheus",
      "uid": "${datasource}"
     },
     "expr": "sum(backupsidecar_sources{namespace=\"$namespace\",job=~\"$job\",protection=\"safe\"})",
     "legendFormat": ""
    }
   ],
   "options": {
    "reduceOptions": {
     "calcs": [
      "lastNotNull"
     ],
     "fields": "",
     "values": false
    },
    "colorMode": "background",
    "textMode": "auto"
   }
  },
  {
   "id": 2,
   "title": "At risk",
   "type": "stat",
   "description": "Runbook: BackupSidecarAtRisk.",
   "datasource": {
    "type": "prometheus",
    "uid": "${datasource}"
   },
   "gridPos": {
    "x": 4,
    "y": 0,
    "w": 4,
    "h": 4
   },
   "fieldConfig": {
    "defaults": {
     "unit": "short",
     "min": 0,
     "thresholds": {
      "mode": "absolute",
      "steps": [
       {
        "color": "green",
        "value": null
       },
       {
        "color": "orange",
        "value": 1
       }
      ]
     }
    },
    "overrides": []
   },
   "targets": [
    {
     "refId": "A",
     "datasource": {
      "type": "prometheus",
      "uid": "${datasource}"
     },
     "expr": "sum(backupsidecar_sources{namespace=\"$namespace\",job=~\"$job\",protection=\"at_risk\"})",
     "legendFormat": ""
    }
   ],
   "options": {
    "reduceOptions": {
     "calcs": [
      "lastNotNull"
     ],
     "fields": "",
     "values": false
    },
    "colorMode": "background",
    "textMode": "auto"
   }
  },
  {
   "id": 3,
   "title": "Unsafe",
   "type": "stat",
   "description": "Runbook: BackupSidecarUnsafe.",
   "datasource": {
    "type": "prometheus",
    "uid": "${datasource}"
   },
   "gridPos": {
    "x": 8,
    "y": 0,
    "w": 4,
    "h": 4
   },
   "fieldConfig": {
    "defaults": {
     "unit": "short",
     "min": 0,
     "thresholds": {
      "mode": "absolute",
      "steps": [
       {
        "color": "green",
        "value": null
       },
       {
        "color": "red",
        "value": 1
       }
      ]
     }
    },
    "overrides": []
   },
   "targets": [
    {
     "refId": "A",
     "datasource": {
      "type": "prometheus",
      "uid": "${datasource}"
     },
     "expr": "sum(backupsidecar_sources{namespace=\"$namespace\",job=~\"$job\",protection=\"unsafe\"})",
     "legendFormat": ""
    }
   ],
   "options": {
    "reduceOptions": {
     "calcs": [
      "lastNotNull"
     ],
     "fields": "",
     "values": false
    },
    "colorMode": "background",
    "textMode": "auto"
   }
  },
  {
   "id": 4,
   "title": "Last proved restore",
   "type": "stat",
   "description": "How long ago a restore was proved to work. Runbook: BackupSidecarStaleProof.",
   "datasource": {
    "type": "prometheus",
    "uid": "${datasource}"
   },
   "gridPos": {
    "x": 12,
    "y": 0,
    "w": 4,
    "h": 4
   },
   "fieldConfig": {
    "defaults": {
     "unit": "s",
     "min": 0,
     "thresholds": {
      "mode": "absolute",
      "steps": [
       {
        "color": "green",
        "value": null
       },
       {
        "color": "orange",
        "value": 691200
       }
      ]
     }
    },
    "overrides": []
   },
   "targets": [
    {
     "refId": "A",
     "datasource": {
      "type": "prometheus",
      "uid": "${datasource}"
     },
     "expr": "max(backupsidecar_proved_restore_age_seconds{namespace=\"$namespace\",job=~\"$job\"})",
     "legendFormat": ""
    }
   ],
   "options": {
    "reduceOptions": {
     "calcs": [
      "lastNotNull"
     ],
     "fields": "",
     "values": false
    },
    "colorMode": "background",
    "textMode": "auto"
   }
  },
  {
   "id": 5,
   "title": "A restore takes",
   "type": "stat",
   "description": "What the last proved restore took.",
   "datasource": {
    "type": "prometheus",
    "uid": "${datasource}"
   },
   "gridPos": {
    "x": 16,
    "y": 0,
    "w": 4,
    "h": 4
   },
   "fieldConfig": {
    "defaults": {
     "unit": "s",
     "min": 0,
     "thresholds": {
      "mode": "absolute",
      "steps": [
       {
        "color": "green",
        "value": null
       }
      ]
     }
    },
    "overrides": []
   },
   "targets": [
    {
     "refId": "A",
     "datasource": {
      "type": "prometheus",
      "uid": "${datasource}"
     },
     "expr": "max(backupsidecar_proved_restore_duration_seconds{namespace=\"$namespace\",job=~\"$job\"})",
     "legendFormat": ""
    }
   ],
   "options": {
    "reduceOptions": {
     "calcs": [
      "lastNotNull"
     ],
     "fields": "",
     "values": false
    },
    "colorMode": "background",
    "textMode": "auto"
   }
  },
  {
   "id": 6,
   "title": "Credentials dead",
   "type": "stat",
   "description": "Runbook: BackupSidecarCredentialDead.",
   "datasource": {
    "type": "prometheus",
    "uid": "${datasource}"
   },
   "gridPos": {
    "x": 20,
    "y": 0,
    "w": 4,
    "h": 4
   },
   "fieldConfig": {
    "defaults": {
     "unit": "short",
     "min": 0,
     "thresholds": {
      "mode": "absolute",
      "steps": [
       {
        "color": "green",
        "value": null
       },
       {
        "color": "red",
        "value": 1
       }
      ]
     }
    },
    "overrides": []
   },
   "targets": [
    {
     "refId": "A",
     "datasource": {
      "type": "prometheus",
      "uid": "${datasource}"
     },
     "expr": "max(backupsidecar_remote_credential_dead{namespace=\"$namespace\",job=~\"$job\"})",
     "legendFormat": ""
    }
   ],
   "options": {
    "reduceOptions": {
     "calcs": [
      "lastNotNull"
     ],
     "fields": "",
     "values": false
    },
    "colorMode": "background",
    "textMode": "auto"
   }
  },
  {
   "id": 7,
   "title": "Lag",
   "type": "timeseries",
   "description": "How long the oldest commit has waited to be stored here, and the oldest capture elsewhere.",
   "datasource": {
    "type": "prometheus",
    "uid": "${datasource}"
   },
   "gridPos": {
    "x": 0,
    "y": 4,
    "w": 12,
    "h": 8
   },
   "fieldConfig": {
    "defaults": {
     "unit": "s",
     "min": 0
    },
    "overrides": []
   },
   "targets": [
    {
     "refId": "A",
     "datasource": {
      "type": "prometheus",
      "uid": "${datasource}"
     },
     "expr": "max by (job, source) (backupsidecar_lag_seconds{namespace=\"$namespace\",job=~\"$job\"})",
     "legendFormat": "commits {{job}} {{source}}"
    },
    {
     "refId": "B",
     "datasource": {
      "type": "prometheus",
      "uid": "${datasource}"
     },
     "expr": "max by (job, source, repository, remote) (backupsidecar_remote_lag_seconds{namespace=\"$namespace\",job=~\"$job\"})",
     "legendFormat": "remote {{job}} {{source}} {{repository}}{{remote}}"
    }
   ],
   "options": {
    "legend": {
     "displayMode": "list",
     "placement": "bottom"
    },
    "tooltip": {
     "mode": "multi"
    }
   }
  },
  {
   "id": 8,
   "title": "Captures",
   "type": "timeseries",
   "description": "By the way that was proved. Page hashes and fulls read the whole database.",
   "datasource": {
    "type": "prometheus",
    "uid": "${datasource}"
   },
   "gridPos": {
    "x": 12,
    "y": 4,
    "w": 12,
    "h": 8
   },
   "fieldConfig": {
    "defaults": {
     "unit": "ops",
     "min": 0
    },
    "overrides": []
   },
   "targets": [
    {
     "refId": "A",
     "datasource": {
      "type": "prometheus",
      "uid": "${datasource}"
     },
     "expr": "sum by (job, method) (rate(backupsidecar_captures_total{namespace=\"$namespace\",job=~\"$job\"}[$__rate_interval]))",
     "legendFormat": "{{job}} {{method}}"
    }
   ],
   "options": {
    "legend": {
     "displayMode": "list",
     "placement": "bottom"
    },
    "tooltip": {
     "mode": "multi"
    }
   }
  },
  {
   "id": 9,
   "title": "Sizes",
   "type": "timeseries",
   "description": "Of the databases, and of what is stored of them.",
   "datasource": {
    "type": "prometheus",
    "uid": "${datasource}"
   },
   "gridPos": {
    "x": 0,
    "y": 12,
    "w": 12,
    "h": 8
   },
   "fieldConfig": {
    "defaults": {
     "unit": "bytes",
     "min": 0
    },
    "overrides": []
   },
   "targets": [
    {
     "refId": "A",
     "datasource": {
      "type": "prometheus",
      "uid": "${datasource}"
     },
     "expr": "sum by (job, source) (backupsidecar_database_size_bytes{namespace=\"$namespace\",job=~\"$job\"})",
     "legendFormat": "database {{job}} {{source}}"
    },
    {
     "refId": "B",
     "datasource": {
      "type": "prometheus",
      "uid": "${datasource}"
     },
     "expr": "sum by (job, source) (backupsidecar_stored_size_bytes{namespace=\"$namespace\",job=~\"$job\"})",
     "legendFormat": "stored {{job}} {{source}}"
    }
   ],
   "options": {
    "legend": {
     "displayMode": "list",
     "placement": "bottom"
    },
    "tooltip": {
     "mode": "multi"
    }
   }
  },
  {
   "id": 10,
   "title": "Free on the volumes",
   "type": "timeseries",
   "description": "Runbooks: BackupSidecarDiskFilling, BackupSidecarDiskFull.",
   "datasource": {
    "type": "prometheus",
    "uid": "${datasource}"
   },
   "gridPos": {
    "x": 12,
    "y": 12,
    "w": 12,
    "h": 8
   },
   "fieldConfig": {
    "defaults": {
     "unit": "percentunit",
     "min": 0
    },
    "overrides": []
   },
   "targets": [
    {
     "refId": "A",
     "datasource": {
      "type": "prometheus",
      "uid": "${datasource}"
     },
     "expr": "min by (job, use) (backupsidecar_disk_free_bytes{namespace=\"$namespace\",job=~\"$job\"} / backupsidecar_disk_size_bytes{namespace=\"$namespace\",job=~\"$job\"})",
     "legendFormat": "{{job}} {{use}}"
    }
   ],
   "options": {
    "legend": {
     "displayMode": "list",
     "placement": "bottom"
    },
    "tooltip": {
     "mode": "multi"
    }
   }
  },
  {
   "id": 11,
   "title": "Backups and drills",
   "type": "timeseries",
   "description": "In an hour. Runbook: BackupSidecarFailed.",
   "datasource": {
    "type": "prometheus",
    "uid": "${datasource}"
   },
   "gridPos": {
    "x": 0,
    "y": 20,
    "w": 12,
    "h": 8
   },
   "fieldConfig": {
    "defaults": {
     "unit": "short",
     "min": 0
    },
    "overrides": []
   },
   "targets": [
    {
     "refId": "A",
     "datasource": {
      "type": "prometheus",
      "uid": "${datasource}"
     },
     "expr": "sum by (job, kind, outcome) (increase(backupsidecar_runs_total{namespace=\"$namespace\",job=~\"$job\"}[1h]))",
     "legendFormat": "{{job}} {{kind}} {{outcome}}"
    }
   ],
   "options": {
    "legend": {
     "displayMode": "list",
     "placement": "bottom"
    },
    "tooltip": {
     "mode": "multi"
    }
   }
  },
  {
   "id": 12,
   "title": "Restore points",
   "type": "timeseries",
   "description": "What can be asked for.",
   "datasource": {
    "type": "prometheus",
    "uid": "${datasource}"
   },
   "gridPos": {
    "x": 12,
    "y": 20,
    "w": 12,
    "h": 8
   },
   "fieldConfig": {
    "defaults": {
     "unit": "short",
     "min": 0
    },
    "overrides": []
   },
   "targets": [
    {
     "refId": "A",
     "datasource": {
      "type": "prometheus",
      "uid": "${datasource}"
     },
     "expr": "sum by (job, source) (backupsidecar_restore_points{namespace=\"$namespace\",job=~\"$job\"})",
     "legendFormat": "{{job}} {{source}}"
    }
   ],
   "options": {
    "legend": {
     "displayMode": "list",
     "placement": "bottom"
    },
    "tooltip": {
     "mode": "multi"
    }
   }
  }
 ]
}` }}
{{- end }}
