using BackupSidecar.Helm.Tests.Manifests;
using k8s.Models;
using Xunit;

namespace BackupSidecar.Helm.Tests;

/// <summary>What the pod promises, whatever the values: order, users, volumes, secrets.</summary>
public sealed class PodTests
{
    private const string Name = "backup-sidecar";

    [Theory]
    [MemberData(nameof(Variants.All), MemberType = typeof(Variants))]
    public async Task App_and_sidecar_see_the_same_databases_and_the_same_socket(string variant, string kubeVersion)
    {
        var pod = await PodAsync(Variants.Values[variant], kubeVersion);
        var app = pod.Containers.Single(static container => container.Name == "app");

        foreach (var ours in OursOf(pod))
        {
            foreach (var mount in app.VolumeMounts.Where(mount => mount.Name is "data" or "more" or "backup-sidecar-socket"))
            {
                Assert.Contains(ours.VolumeMounts, same => (same.Name, same.MountPath, same.SubPath) == (mount.Name, mount.MountPath, mount.SubPath) && same.ReadOnlyProperty is not true);
            }
        }

        Assert.Contains(app.VolumeMounts, static mount => mount.Name == "backup-sidecar-socket" && mount.MountPath == "/run/backup-sidecar");
        Assert.Contains(app.Env, static variable => variable.Name == "BACKUPSIDECAR_ADDRESS" && variable.Value == "unix:/run/backup-sidecar/sidecar.sock");
        Assert.Equal("Memory", pod.Volumes.Single(static volume => volume.Name == "backup-sidecar-socket").EmptyDir.Medium);
    }

    [Theory]
    [MemberData(nameof(Variants.All), MemberType = typeof(Variants))]
    public async Task Every_mount_has_its_volume_and_no_two_have_one_path(string variant, string kubeVersion)
    {
        Tools.NeedHelm();
        var manifests = Manifest.Load(await Chart.Application.RenderAsync(Variants.Values[variant], kubeVersion, TestContext.Current.CancellationToken));
        var pod = Manifest.PodOf(manifests).Spec;
        var volumes = pod.Volumes.Select(static volume => volume.Name)
            .Concat(manifests.OfType<V1StatefulSet>().SelectMany(static set => set.Spec.VolumeClaimTemplates ?? []).Select(static claim => claim.Metadata.Name)).ToList();

        Assert.Equal(volumes.Distinct(), volumes);
        foreach (var container in pod.Containers.Concat(pod.InitContainers ?? []))
        {
            var mounts = container.VolumeMounts ?? [];
            Assert.All(mounts, mount => Assert.Contains(mount.Name, volumes));
            Assert.Equal(mounts.DistinctBy(static mount => mount.MountPath).Count(), mounts.Count);
        }

        foreach (var claim in pod.Volumes.Select(static volume => volume.PersistentVolumeClaim?.ClaimName).Where(static claim => claim is not null && !claim.StartsWith("old-", StringComparison.Ordinal)))
        {
            Assert.Contains(manifests.OfType<V1PersistentVolumeClaim>(), made => made.Metadata.Name == claim && made.Metadata.Annotations["helm.sh/resource-policy"] == "keep");
        }
    }

    [Theory]
    [MemberData(nameof(Variants.All), MemberType = typeof(Variants))]
    public async Task Our_containers_may_do_nothing_that_they_need_not(string variant, string kubeVersion)
    {
        var pod = await PodAsync(Variants.Values[variant], kubeVersion);

        Assert.False(pod.AutomountServiceAccountToken);
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.Equal(pod.SecurityContext.RunAsGroup, pod.SecurityContext.FsGroup);
        foreach (var ours in OursOf(pod))
        {
            Assert.True(ours.SecurityContext.RunAsNonRoot);
            Assert.True(ours.SecurityContext.ReadOnlyRootFilesystem);
            Assert.False(ours.SecurityContext.AllowPrivilegeEscalation);
            Assert.Equal(["ALL"], ours.SecurityContext.Capabilities.Drop);
            Assert.Null(ours.SecurityContext.Capabilities.Add);
            Assert.Equal("RuntimeDefault", ours.SecurityContext.SeccompProfile.Type);
            // The user is the pod's, and so the app's: SQLite's files are opened by both.
            Assert.Null(ours.SecurityContext.RunAsUser);
        }
    }

    [Theory]
    [InlineData("1.27.0", false)]
    [InlineData("1.28.15", false)]
    [InlineData("1.29.0", true)]
    [InlineData("1.34.0", true)]
    public async Task The_sidecar_is_native_where_the_cluster_can(string kubeVersion, bool isNative)
    {
        var pod = await PodAsync(Variants.Least, kubeVersion);
        var sidecar = SidecarOf(pod);

        Assert.Equal(isNative, (pod.InitContainers ?? []).Contains(sidecar));
        Assert.Equal(isNative ? "Always" : null, sidecar.RestartPolicy);
        Assert.Equal(isNative, sidecar.StartupProbe.Exec.Command.Contains("--prepare"));
        Assert.Equal(["serve", "--config", "/etc/backup-sidecar/serve.jsonc"], sidecar.Args);
        Assert.Null(sidecar.Command);
    }

    [Fact]
    public async Task Vendors_may_put_their_own_words_behind_a_version()
    {
        var pod = await PodAsync(Variants.Least, "v1.29.4-gke.1043002");

        Assert.Contains(SidecarOf(pod), pod.InitContainers);
    }

    [Fact]
    public async Task A_classic_pod_restores_what_is_missing_before_anything_starts()
    {
        var pod = await PodAsync(Variants.Values["classic"], "1.34.0");

        // The paused source is not ours to fill.
        var restore = Assert.Single(pod.InitContainers);
        Assert.Equal(["restore", "--if-missing", "--config", "/etc/backup-sidecar/serve.jsonc", "--source", "app", "--output", "/data/app.db"], restore.Args);
        Assert.Equal(["app", Name], pod.Containers.Select(static container => container.Name));
    }

    [Fact]
    public async Task A_gate_of_init_containers_asks_the_native_sidecar_before_the_app_starts()
    {
        var pod = await PodAsync(Variants.Values["init container"], "1.34.0");

        Assert.Equal([Name, "backup-sidecar-restore-0", "backup-sidecar-restore-1"], pod.InitContainers.Select(static container => container.Name));
        Assert.DoesNotContain("--prepare", pod.InitContainers[0].StartupProbe.Exec.Command);
        Assert.Equal(["restore", "--if-missing", "--sidecar", "unix:/var/lib/backup-sidecar/operator/sidecar.sock", "--source", "a-b.v2"], pod.InitContainers[2].Args);
    }

    [Fact]
    public async Task An_app_that_is_its_own_gate_is_not_prepared_for_by_others()
    {
        foreach (var version in Variants.KubeVersions)
        {
            var pod = await PodAsync(Variants.Values["notes"], version);

            Assert.DoesNotContain("--prepare", SidecarOf(pod).StartupProbe.Exec.Command);
            Assert.DoesNotContain(OursOf(pod), static container => container.Args.Contains("restore"));
        }
    }

    [Theory]
    [InlineData(Variants.Least, "1.34.0", 35)]
    [InlineData(Variants.Least, "1.27.0", 25)]
    [InlineData(Variants.Sleep, "1.34.0", 50)]
    public async Task The_pod_is_killed_only_when_the_sidecar_has_had_its_time(string values, string kubeVersion, int seconds)
    {
        var pod = await PodAsync(values, kubeVersion);

        Assert.Equal(seconds, pod.TerminationGracePeriodSeconds);
    }

    [Fact]
    public async Task The_app_sleeps_before_its_end_and_the_sidecar_has_no_hook()
    {
        var pod = await PodAsync(Variants.Sleep, "1.34.0");

        Assert.Equal(5, pod.Containers.Single().Lifecycle.PreStop.Sleep.Seconds);
        Assert.Null(SidecarOf(pod).Lifecycle);
    }

    [Theory]
    [MemberData(nameof(Variants.All), MemberType = typeof(Variants))]
    public async Task Nothing_selects_a_pod_that_is_not_the_apps(string variant, string kubeVersion)
    {
        Tools.NeedHelm();
        var manifests = Manifest.Load(await Chart.Application.RenderAsync(Variants.Values[variant], kubeVersion, TestContext.Current.CancellationToken));
        var selectors = manifests.Select(static manifest => manifest switch
        {
            V1Service service => service.Spec.Selector,
            V1StatefulSet set => set.Spec.Selector.MatchLabels,
            V1Deployment deployment => deployment.Spec.Selector.MatchLabels,
            V1NetworkPolicy policy => policy.Spec.PodSelector.MatchLabels,
            _ => null,
        }).Where(static selector => selector is not null).ToList();
        var app = Manifest.PodOf(manifests).Metadata.Labels;

        Assert.NotEmpty(selectors);
        Assert.All(selectors, selector => Assert.True(Selects(selector!, app)));
        Assert.All(manifests.OfType<V1Pod>(), test => Assert.All(selectors, selector => Assert.False(Selects(selector!, test.Metadata.Labels), test.Metadata.Name)));
    }

    [Fact]
    public async Task Prometheus_and_the_policy_let_nothing_fall_between_them()
    {
        Tools.NeedHelm();
        var manifests = Manifest.Load(await Chart.Application.RenderAsync(Variants.Values["monitoring"], "1.34.0", TestContext.Current.CancellationToken));
        var monitor = manifests.OfType<ServiceMonitor>().Single();

        var service = Assert.Single(manifests.OfType<V1Service>(), service => Selects(monitor.Spec.Selector.MatchLabels, service.Metadata.Labels));
        var port = Assert.Single(service.Spec.Ports);
        Assert.Equal(port.Name, Assert.Single(monitor.Spec.Endpoints).Port);
        Assert.Contains(SidecarOf(Manifest.PodOf(manifests).Spec).Ports, bound => bound.ContainerPort == port.Port);
        var rule = manifests.OfType<V1NetworkPolicy>().Single().Spec.Ingress.Single(rule => rule.Ports.Any(allowed => allowed.Port.Value == $"{port.Port}"));
        Assert.Equal("monitoring", rule.FromProperty[0].NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"]);
        Assert.True(Selects(rule.FromProperty[1].PodSelector.MatchLabels, manifests.OfType<V1Pod>().Single(static test => test.Spec.Containers[0].Name == "test").Metadata.Labels));
    }

    [Fact]
    public async Task A_change_that_is_taken_over_while_it_runs_makes_no_new_pod()
    {
        async Task<string> ChecksumAsync(string values) =>
            Manifest.PodOf(Manifest.Load(await Chart.Application.RenderAsync(values, "1.34.0", TestContext.Current.CancellationToken))).Metadata.Annotations["checksum/backup-sidecar"];
        Tools.NeedHelm();

        var first = await ChecksumAsync(Variants.Least);

        Assert.Equal(first, await ChecksumAsync(Variants.Least.Replace("app.db", "other.db", StringComparison.Ordinal)));
        Assert.Equal(first, await ChecksumAsync(Variants.Least.Replace("sources:", "shutdown: { deadline: 15s }, sources:", StringComparison.Ordinal)));
        Assert.NotEqual(first, await ChecksumAsync(Variants.Least.Replace("sources:", "log: { level: debug }, sources:", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Secrets_are_mounted_for_reading_and_renewed_as_a_whole_directory()
    {
        var pod = await PodAsync(Variants.Values["drive and share"], "1.34.0");

        var secret = pod.Volumes.Single(static volume => volume.Secret is not null);
        Assert.Equal("drive", secret.Secret.SecretName);
        Assert.Equal(256 /* 0400 */, secret.Secret.DefaultMode);
        var mount = SidecarOf(pod).VolumeMounts.Single(mount => mount.Name == secret.Name);
        Assert.True(mount.ReadOnlyProperty);
        // A file that is mounted by subPath is never renewed.
        Assert.Null(mount.SubPath);
        Assert.DoesNotContain(pod.Containers.Single(static container => container.Name == "app").VolumeMounts, mounted => mounted.Name == secret.Name);
        Assert.Equal("shared", SidecarOf(pod).Env.Single(static variable => variable.Name == "SHARED").ValueFrom.SecretKeyRef.Name);
    }

    private static bool Selects(IDictionary<string, string> selector, IDictionary<string, string> labels) => selector.All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private static async Task<V1PodSpec> PodAsync(string values, string kubeVersion)
    {
        Tools.NeedHelm();
        return Manifest.PodOf(Manifest.Load(await Chart.Application.RenderAsync(values, kubeVersion, TestContext.Current.CancellationToken))).Spec;
    }

    private static V1Container SidecarOf(V1PodSpec pod) => pod.Containers.Concat(pod.InitContainers ?? []).Single(static container => container.Name == Name);

    private static List<V1Container> OursOf(V1PodSpec pod) => [.. pod.Containers.Concat(pod.InitContainers ?? []).Where(static container => container.Name.StartsWith(Name, StringComparison.Ordinal))];
}
