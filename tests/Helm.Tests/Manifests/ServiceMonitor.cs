using k8s;
using k8s.Models;

namespace BackupSidecar.Helm.Tests.Manifests;

/// <summary>monitoring.coreos.com/v1, with the fields that the charts use and no other.</summary>
public sealed class ServiceMonitor : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public ServiceMonitorSpec Spec { get; set; } = new();
}
