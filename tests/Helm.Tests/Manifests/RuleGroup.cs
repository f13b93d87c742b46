namespace BackupSidecar.Helm.Tests.Manifests;

public sealed class RuleGroup
{
    public string Name { get; set; } = "";

    public List<AlertRule> Rules { get; set; } = [];
}
