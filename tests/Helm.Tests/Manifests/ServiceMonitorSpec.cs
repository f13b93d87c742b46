using k8s.Models;

namespace BackupSidecar.Helm.Tests.Manifests;

public sealed class ServiceMonitorSpec
{
    public Dictionary<string, List<string>> NamespaceSelector { get; set; } = [];

    public V1LabelSelector Selector { get; set; } = new();

    public List<MonitorEndpoint> Endpoints { get; set; } = [];
}
