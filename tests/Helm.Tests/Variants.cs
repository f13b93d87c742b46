using Xunit;

namespace BackupSidecar.Helm.Tests;

/// <summary>The values and the versions of Kubernetes that everything is rendered with.</summary>
internal static class Variants
{
    /// <summary>The least that must be given.</summary>
    public const string Least = """
        app: { image: { repository: app } }
        backupSidecar: { sources: [{ path: /data/app.db }] }
        """;

    /// <summary>From the oldest that is supported to the newest, and the first with native sidecars and with a sleep before the end.</summary>
    public static IReadOnlyList<string> KubeVersions { get; } = ["1.27.0", "1.28.15", "1.29.0", "1.30.4", "1.32.3", "1.34.0"];

    public static IReadOnlyDictionary<string, string> Values { get; } = new Dictionary<string, string>
    {
        ["least"] = Least,
        ["notes"] = File.ReadAllText(Solution.PathOf("helm", "examples", "notes.yaml")),
        ["classic"] = """
            app: { image: { repository: app } }
            backupSidecar: { mode: classic, sources: [{ path: /data/app.db, startEmpty: true }, { name: jobs, path: /data/queue.db, enabled: false }] }
            """,
        ["init container"] = """
            app: { image: { repository: app } }
            backupSidecar: { gate: initContainer, sources: [{ path: /data/app.db }, { path: "/data/a b.v2.db" }] }
            """,
        ["deployment"] = """
            kind: Deployment
            app: { image: { repository: app, digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000" } }
            persistence: { data: { annotations: { a: b }, storageClass: fast } }
            backupSidecar:
              sources: [{ path: /data/app.db }]
              persistence: { state: { enabled: true, storageClass: "-" } }
            """,
        ["claims that are there"] = """
            app: { image: { repository: app } }
            persistence: { data: { existingClaim: old-data } }
            backupSidecar:
              sources: [{ path: /data/app.db }]
              persistence: { backups: { existingClaim: old-backups, subPath: "" }, state: { enabled: true, existingClaim: old-state } }
              temporary: { sizeLimit: 20Gi }
            """,
        ["a deployment on claims that are there"] = """
            kind: Deployment
            app: { image: { repository: app } }
            persistence: { data: { existingClaim: old-data } }
            backupSidecar:
              sources: [{ path: /data/app.db }]
              persistence: { backups: { existingClaim: old-backups } }
            """,
        ["drive and share"] = """
            app: { image: { repository: app } }
            networkPolicy: { restrictEgress: true, extraEgress: [{ to: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }] }
            extraVolumes: [{ name: nas, nfs: { server: nas.example.com, path: /exports } }]
            backupSidecar:
              sources: [{ path: /data/app.db, drillEvery: 7d }]
              remotes:
                - { name: drive, drive: { folder: abc_DEF-1, credentialFile: /secrets/drive/google-drive.json, unitsPerMinute: 100000 } }
                - { name: shared, interval: 5m, drive: { folder: abc, sharedDrive: def, credentialVariable: SHARED } }
                - { name: nas, path: /mnt/nas/app }
              secretFiles: [{ secret: drive, mountPath: /secrets/drive, items: [{ key: json, path: google-drive.json }] }]
              secretVariables: [{ name: SHARED, secret: shared, key: json }]
              extraVolumeMounts: [{ name: nas, mountPath: /mnt/nas }]
            """,
        ["monitoring"] = """
            app: { image: { repository: app } }
            networkPolicy: { metricsFrom: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": monitoring } } }] }
            backupSidecar:
              sources: [{ path: /data/app.db, drillEvery: 1d }]
              remotes: [{ name: drive, drive: { folder: abc, credentialVariable: DRIVE } }]
              secretVariables: [{ name: DRIVE, secret: drive, key: json }]
              metrics:
                serviceMonitor: { enabled: true, namespace: monitoring, interval: 30s, scrapeTimeout: 10s, labels: { release: prometheus }, relabelings: [{ targetLabel: a, replacement: b }] }
                prometheusRule: { enabled: true, labels: { release: prometheus }, alertLabels: { team: a } }
                dashboard: { enabled: true, annotations: { folder: Backups } }
            """,
        ["operators"] = """
            app: { image: { repository: app } }
            backupSidecar:
              sources: [{ path: /data/app.db }]
              service: { listen: "127.0.0.1:7000", grpcWebListen: "127.0.0.1:7001", tokenFile: /secrets/token/token, monitorListen: "[::]:9000", monitorGrpcListen: "0.0.0.0:9001", monitorNames: true }
              secretFiles: [{ secret: token, mountPath: /secrets/token }]
            """,
        ["no network"] = """
            app: { image: { repository: app }, ports: [] }
            service: { enabled: false }
            networkPolicy: { enabled: false }
            serviceAccount: { create: false }
            backupSidecar: { sources: [{ path: /data/app.db }], service: { monitorListen: null } }
            """,
        ["monitor on this machine alone"] = """
            app: { image: { repository: app } }
            backupSidecar: { sources: [{ path: /data/app.db }], service: { monitorListen: "127.0.0.1:9000" } }
            """,
        ["everything else"] = """
            fullnameOverride: a-name-that-is-so-long-that-nothing-can-be-put-behind-it-any-more
            replicas: 0
            commonLabels: { team: a }
            commonAnnotations: { note: b }
            app:
              image: { registry: registry.example.com:5000, repository: team/app, tag: "1" }
              command: [/bin/app]
              args: [--port, "8080"]
              workingDir: /work
              env: [{ name: A, value: b }]
              envFrom: [{ configMapRef: { name: app } }]
              lifecycle: { preStop: { exec: { command: [/bin/stop] } } }
              livenessProbe: { tcpSocket: { port: http } }
              resources: { limits: { memory: 1Gi } }
              extraVolumeMounts: [{ name: cache, mountPath: /cache }]
            service: { type: NodePort, port: 8080, nodePort: 30080, annotations: { c: d } }
            ingress: { enabled: true, className: nginx, hosts: [{ host: a.example.com, paths: [{ path: /a, pathType: Exact }] }, { host: b.example.com }], tls: [{ hosts: [a.example.com], secretName: tls }] }
            networkPolicy: { appFrom: [{ podSelector: { matchLabels: { role: proxy } } }], extraIngress: [{ from: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }] }
            imagePullSecrets: [{ name: registry }]
            podLabels: { l: m }
            podAnnotations: { n: o }
            nodeSelector: { disk: ssd }
            tolerations: [{ key: a, operator: Exists }]
            affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: a, operator: Exists }] }] } } }
            topologySpreadConstraints: [{ maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway }]
            priorityClassName: high
            runtimeClassName: gvisor
            schedulerName: own
            hostAliases: [{ ip: 10.0.0.1, hostnames: [a] }]
            dnsPolicy: None
            dnsConfig: { nameservers: [10.0.0.2] }
            extraInitContainers: [{ name: first, image: first }]
            extraContainers: [{ name: other, image: other }]
            extraVolumes: [{ name: cache, emptyDir: {} }]
            extraVolumeClaimTemplates: [{ metadata: { name: more }, spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } } }]
            extraObjects:
              - "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: '{{ .Release.Name }}-text' }"
              - { apiVersion: v1, kind: ConfigMap, metadata: { name: object } }
            tests: { enabled: false }
            backupSidecar:
              data: [{ volume: data, mountPath: /data, subPath: live }, { volume: more, mountPath: /more }]
              sources: [{ directory: /more, glob: "*/main.db", exclude: ["test-*/*"], rescan: 30s }, { path: /data/app.db, mode: assist, appSqliteVersion: 3.53.0, walLimitMegabytes: 32 }]
              gate: app
              image: { registry: registry.example.com, digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000" }
              state: { instance: other, path: /state }
              shutdown: { deadline: 1m, reserve: 10s }
              termination: { appSeconds: 40, gracePeriodSeconds: 120 }
              lifecycle: { postStart: { exec: { command: [/app/backup-sidecar, --version] } } }
              temporary: { volume: cache }
              probes: { readiness: { enabled: false }, liveness: { enabled: false } }
              extraEnv: [{ name: OTEL_EXPORTER_OTLP_ENDPOINT, value: "http://otel:4317" }]
              extraEnvFrom: [{ secretRef: { name: more } }]
              commonLabels: { k: v }
            """,
    };

    /// <summary>Those that need a version: a sleep before the end.</summary>
    public const string Sleep = """
        app: { image: { repository: app } }
        backupSidecar: { sources: [{ path: /data/app.db }], termination: { preStopSleepSeconds: 5 }, shutdown: { deadline: 30s } }
        """;

    public static TheoryData<string, string> All
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var name in Values.Keys)
            {
                foreach (var version in KubeVersions)
                {
                    all.Add(name, version);
                }
            }

            return all;
        }
    }
}
