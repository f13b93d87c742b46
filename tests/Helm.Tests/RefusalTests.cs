using Xunit;

namespace BackupSidecar.Helm.Tests;

/// <summary>Values that cannot be meant are refused before anything reaches a cluster, and the message says what to do.</summary>
public sealed class RefusalTests
{
    [Theory]
    // Unknown names, at every level.
    [InlineData("aplication: {}", "Additional property aplication is not allowed")]
    [InlineData("app: { imgae: {} }", "app: Additional property imgae is not allowed")]
    [InlineData("backupSidecar: { source: [] }", "Additional property source is not allowed")]
    [InlineData("backupSidecar: { compaction: { windw: 1h } }", "compaction: Additional property windw is not allowed")]
    [InlineData("backupSidecar: { sources: [{ path: /data/a.db, intervall: 1s }] }", "sources.0: Additional property intervall is not allowed")]
    [InlineData("backupSidecar: { remotes: [{ name: a, drive: { folder: a, token: b } }] }", "remotes.0.drive: Additional property token is not allowed")]
    [InlineData("backupSidecar: { metrics: { prometheusRule: { alerts: { lag: { threshold: 5 } } } } }", "metrics.prometheusRule.alerts.lag: Additional property threshold is not allowed")]
    // Wrong types and values.
    [InlineData("replicas: 2", "replicas: replicas must be one of the following: 0, 1")]
    [InlineData("kind: DaemonSet", "kind: kind must be one of the following")]
    [InlineData("backupSidecar: { mode: sometimes }", "mode: mode must be one of the following")]
    [InlineData("backupSidecar: { compaction: { enabled: \"yes\" } }", "compaction.enabled: Invalid type. Expected: boolean, given: string")]
    [InlineData("backupSidecar: { shutdown: { deadline: 20 } }", "shutdown.deadline: Invalid type. Expected: string, given: integer")]
    [InlineData("backupSidecar: { shutdown: { deadline: 20 s } }", "shutdown.deadline: Does not match pattern")]
    [InlineData("backupSidecar: { sources: [{ path: data/a.db }] }", "sources.0.path: Does not match pattern")]
    [InlineData("backupSidecar: { sources: [{ path: /data/a.db, compression: best }] }", "sources.0.compression: sources.0.compression must be one of the following")]
    [InlineData("backupSidecar: { sources: [{ path: /data/a.db, walLimitMegabytes: 0 }] }", "sources.0.walLimitMegabytes: Must be greater than or equal to 1")]
    [InlineData("backupSidecar: { service: { listen: \"0.0.0.0:80\" } }", "service.listen: Does not match pattern")]
    [InlineData("backupSidecar: { service: { monitorListen: localhost } }", "service.monitorListen: Does not match pattern")]
    [InlineData("backupSidecar: { remotes: [{ path: /mnt/a }] }", "remotes.0: name is required")]
    [InlineData("backupSidecar: { remotes: [{ name: \"a b\", path: /mnt/a }] }", "remotes.0.name: Does not match pattern")]
    [InlineData("backupSidecar: { remotes: [{ name: a }, { name: b }, { name: c }, { name: d }, { name: e }] }", "remotes: Array must have at most 4 items")]
    [InlineData("backupSidecar: { image: { digest: \"sha256:1\" } }", "image.digest: Does not match pattern")]
    [InlineData("backupSidecar: { persistence: { backups: { size: much } } }", "persistence.backups.size: Does not match pattern")]
    public async Task The_schema_refuses(string values, string message) => await AssertRefusedAsync(values, "1.34.0", message);

    [Theory]
    [InlineData("backupSidecar: { sources: [{ path: /data/a.db }] }", "app.image.repository is empty: name the image of the app that uses SQLite.")]
    [InlineData("app: { image: { repository: a } }", "backupSidecar.sources is empty: name at least one database")]
    [InlineData("{ backupSidecar: { sources: [{ path: /other/a.db }] }, app: { image: { repository: a } } }", "backupSidecar.sources[0]: /other/a.db lies on no volume that the sidecar shares with the app (/data). Correct the path, or add the volume to backupSidecar.data.")]
    [InlineData("{ backupSidecar: { sources: [{ path: /data/../etc/a.db }] }, app: { image: { repository: a } } }", "lies on no volume that the sidecar shares")]
    [InlineData("{ backupSidecar: { sources: [{ path: /database/a.db }] }, app: { image: { repository: a } } }", "lies on no volume that the sidecar shares")]
    [InlineData("{ backupSidecar: { sources: [{ name: a }] }, app: { image: { repository: a } } }", "backupSidecar.sources[0] needs a path or a directory, and has neither.")]
    [InlineData("{ backupSidecar: { sources: [{ path: /data/a.db, directory: /data }] }, app: { image: { repository: a } } }", "backupSidecar.sources[0] needs a path or a directory, and has both.")]
    [InlineData("{ backupSidecar: { state: { path: /data }, sources: [{ path: /data/a.db }] }, app: { image: { repository: a } } }", "lies in /data, which is the sidecar's own")]
    [InlineData("{ backupSidecar: { SOURCES, mode: classic, gate: startupProbe }, app: { image: { repository: a } } }", "Take 'initContainer', or 'app' where the app calls PrepareDatabase.")]
    [InlineData("{ backupSidecar: { gate: initContainer, sources: [{ directory: /data }] }, app: { image: { repository: a } } }", "Take gate 'startupProbe' with a native sidecar")]
    [InlineData("{ backupSidecar: { SOURCES, compaction: { window: 8d } }, app: { image: { repository: a } } }", "backupSidecar.compaction.window: 8d is out of its range, 1m to 7d.")]
    [InlineData("{ backupSidecar: { sources: [{ path: /data/a.db }, { path: /data/b.db, interval: 2h }] }, app: { image: { repository: a } } }", "backupSidecar.sources[1].interval: 2h is out of its range, 0s to 1h.")]
    [InlineData("{ backupSidecar: { SOURCES, shutdown: { deadline: 20s, reserve: 20s } }, app: { image: { repository: a } } }", "backupSidecar.shutdown.reserve: 20s is not shorter than shutdown.deadline, 20s.")]
    [InlineData("{ backupSidecar: { SOURCES, termination: { gracePeriodSeconds: 34 } }, app: { image: { repository: a } } }", "backupSidecar.termination.gracePeriodSeconds: 34 is too short, 35 or more are needed: the app takes 10s, and the sidecar up to shutdown.deadline, 20s, after it.")]
    [InlineData("{ backupSidecar: { SOURCES, mode: classic, termination: { appSeconds: 18 } }, app: { image: { repository: a } } }", "So the deadline must be 18s plus shutdown.reserve (3s) or more, and is 20s")]
    [InlineData("{ backupSidecar: { SOURCES, remotes: [{ name: a }] }, app: { image: { repository: a } } }", "backupSidecar.remotes[0] (a) needs a path or drive, and has neither.")]
    [InlineData("{ backupSidecar: { SOURCES, remotes: [{ name: a, path: /mnt/a }] }, app: { image: { repository: a } } }", "Mount the share with backupSidecar.extraVolumeMounts")]
    [InlineData("{ backupSidecar: { SOURCES, remotes: [{ name: a, path: /backups/a }] }, app: { image: { repository: a } } }", "on the volume of the local repository a copy protects from nothing")]
    [InlineData("{ backupSidecar: { SOURCES, remotes: [{ name: a, drive: { folder: a } }] }, app: { image: { repository: a } } }", "needs credentialFile or credentialVariable, and has neither.")]
    [InlineData("{ backupSidecar: { SOURCES, remotes: [{ name: a, drive: { folder: a, credentialFile: /secrets/a } }] }, app: { image: { repository: a } } }", "Name the existing Secret in backupSidecar.secretFiles")]
    [InlineData("{ backupSidecar: { SOURCES, remotes: [{ name: a, drive: { folder: a, credentialVariable: A } }] }, app: { image: { repository: a } } }", "nothing sets A. Name the existing Secret in backupSidecar.secretVariables.")]
    [InlineData("{ backupSidecar: { SOURCES, remotes: [{ name: a, drive: { folder: a, credentialVariable: A } }, { name: a, path: /a }], secretVariables: [{ name: A, secret: a, key: a }] }, app: { image: { repository: a } } }", "the name a is there twice")]
    [InlineData("{ backupSidecar: { SOURCES, service: { listen: \"127.0.0.1:7000\" } }, app: { image: { repository: a } } }", "backupSidecar.service.listen needs service.tokenFile")]
    [InlineData("{ backupSidecar: { SOURCES, service: { tokenFile: /secrets/t } }, app: { image: { repository: a } } }", "backupSidecar.service.tokenFile: /secrets/t lies in no mounted Secret (there is none)")]
    [InlineData("{ backupSidecar: { SOURCES, service: { monitorListen: \"127.0.0.1:9000\" }, metrics: { serviceMonitor: { enabled: true } } }, app: { image: { repository: a } } }", "backupSidecar.metrics needs service.monitorListen, such as 0.0.0.0:9464")]
    [InlineData("{ backupSidecar: { SOURCES }, service: { targetPort: web }, app: { image: { repository: a } } }", "service.targetPort: the app has no port named 'web' (http).")]
    [InlineData("{ backupSidecar: { SOURCES }, ingress: { enabled: true }, app: { image: { repository: a } } }", "ingress.hosts is empty")]
    [InlineData("{ backupSidecar: { SOURCES, termination: { preStopSleepSeconds: 5 } }, app: { image: { repository: a }, lifecycle: { preStop: { exec: { command: [a] } } } } }", "app.lifecycle.preStop and backupSidecar.termination.preStopSleepSeconds exclude each other")]
    public async Task The_charts_refuse(string values, string message) =>
        await AssertRefusedAsync(values.Replace("SOURCES", "sources: [{ path: /data/a.db }]", StringComparison.Ordinal), "1.34.0", message);

    [Theory]
    [InlineData("backupSidecar: { mode: native, sources: [{ path: /data/a.db }] }", "1.28.0", "backupSidecar.mode: native needs Kubernetes 1.29 or later, and this is v1.28.0. Take 'classic', or 'auto'")]
    [InlineData("backupSidecar: { termination: { preStopSleepSeconds: 5 }, sources: [{ path: /data/a.db }] }", "1.29.9", "preStopSleepSeconds needs Kubernetes 1.30 or later, and this is v1.29.9. Set it to 0")]
    [InlineData("backupSidecar: { sources: [{ path: /data/a.db }] }", "1.26.0", "chart requires kubeVersion: >=1.27.0-0")]
    public async Task An_older_cluster_is_told_what_it_lacks(string values, string kubeVersion, string message) =>
        await AssertRefusedAsync($"app: {{ image: {{ repository: a }} }}\n{values}", kubeVersion, message);

    private static async Task AssertRefusedAsync(string values, string kubeVersion, string message)
    {
        Tools.NeedHelm();

        var run = await Chart.Application.TemplateAsync(values, kubeVersion, TestContext.Current.CancellationToken);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }
}
