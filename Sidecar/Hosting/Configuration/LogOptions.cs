namespace BackupSidecar.Hosting.Configuration;

/// <summary>What is written to standard error.</summary>
internal sealed record LogOptions
{
    public LogFormat Format { get; init; } = LogFormat.Text;

    public LogLevelName Level { get; init; } = LogLevelName.Information;
}
