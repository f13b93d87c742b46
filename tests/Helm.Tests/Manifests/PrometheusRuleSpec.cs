namespace BackupSidecar.Helm.Tests.Manifests;

public sealed class PrometheusRuleSpec
{
    public List<RuleGroup> Groups { get; set; } = [];
}
