using k8s;
using k8s.Models;

namespace BackupSidecar.Helm.Tests.Manifests;

/// <summary>What a chart renders, loaded by the types of Kubernetes and of the Prometheus operator: unknown fields and wrong types are errors.</summary>
internal static class Manifest
{
    private static readonly Dictionary<string, Type> Types = new()
    {
        ["monitoring.coreos.com/v1/ServiceMonitor"] = typeof(ServiceMonitor),
        ["monitoring.coreos.com/v1/PrometheusRule"] = typeof(PrometheusRule),
    };

    public static IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Load(string rendered) =>
        [.. KubernetesYaml.LoadAllFromString(rendered, Types, strict: true).Where(static one => one is not null).Cast<IKubernetesObject<V1ObjectMeta>>()];

    /// <summary>The pod template of the one workload among them.</summary>
    public static V1PodTemplateSpec PodOf(IEnumerable<object> manifests) =>
        manifests.Select(static manifest => manifest switch { V1StatefulSet set => set.Spec.Template, V1Deployment deployment => deployment.Spec.Template, _ => null }).Single(static pod => pod is not null)!;

    /// <summary>The configuration that the sidecar is given.</summary>
    public static string ConfigurationOf(IEnumerable<object> manifests) =>
        manifests.OfType<V1ConfigMap>().Single(static map => map.Data?.ContainsKey("serve.jsonc") is true).Data["serve.jsonc"];
}
