namespace BackupSidecar.Hosting.Configuration;

/// <summary>What one reading of a configuration brings up beside the options.</summary>
internal sealed class ConfigurationReading
{
    public List<ConfigurationProblem> Problems { get; } = [];

    /// <summary>Every key that was asked for, in the order of the asking; an item of a list once.</summary>
    public List<OptionDescription> Options { get; } = [];

    public void Describe(OptionDescription option)
    {
        if (!Options.Any(known => known.Key == option.Key))
        {
            Options.Add(option);
        }
    }
}
