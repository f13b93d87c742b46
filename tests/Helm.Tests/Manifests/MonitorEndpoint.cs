namespace BackupSidecar.Helm.Tests.Manifests;

public sealed class MonitorEndpoint
{
    public string Port { get; set; } = "";

    public string Path { get; set; } = "";

    public string? Interval { get; set; }

    public string? ScrapeTimeout { get; set; }

    public List<Dictionary<string, object>> Relabelings { get; set; } = [];

    public List<Dictionary<string, object>> MetricRelabelings { get; set; } = [];
}
