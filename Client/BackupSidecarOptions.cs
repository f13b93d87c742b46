using System.Reflection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BackupSidecar.Client;

/// <summary>How an app works with its sidecar. What is out of range is refused by PrepareDatabaseAsync, with all that is wrong.</summary>
public sealed class BackupSidecarOptions
{
    /// <summary>The variable that <see cref="Address"/> is taken from where it is not set.</summary>
    public const string AddressVariable = "BACKUPSIDECAR_ADDRESS";

    /// <summary>The longest app version that a sidecar takes.</summary>
    internal const int AppVersionLengthMax = 80;

    /// <summary>
    /// The app's socket of the sidecar: <c>unix:PATH</c>, of 107 bytes at most, as <c>service.appSocket</c> in its configuration. Default: the variable BACKUPSIDECAR_ADDRESS; without it the connection string that <see cref="ConnectionName"/> names.
    /// </summary>
    public string Address { get; set; } = Environment.GetEnvironmentVariable(AddressVariable) ?? "";

    /// <summary>
    /// The connection string in the configuration of the app that <see cref="Address"/> and <see cref="Source"/> are taken from where they are not set, as an Aspire app host gives it: <c>unix:PATH</c>, or <c>Endpoint=unix:PATH;Source=NAME</c>.
    /// Default: backup.
    /// </summary>
    public string ConnectionName { get; set; } = "backup";

    /// <summary>The name that the sidecar has for the database. Default: what the connection string says, otherwise empty, which will do where it follows only one.</summary>
    public string Source { get; set; } = "";

    /// <summary>The database file. Needed where <see cref="WhenUnreachable"/> is <see cref="WhenUnreachable.OpenExisting"/>, and not used otherwise. Default: empty.</summary>
    public string DatabasePath { get; set; } = "";

    /// <summary>
    /// At the first start of another version the sidecar keeps the database as it was under the label "before VERSION". At most 80 characters, no control characters, no white space at the ends; empty: no such backups.
    /// Default: the informational version of the program.
    /// </summary>
    public string AppVersion { get; set; } = VersionOfProgram();

    /// <summary>How long PrepareDatabaseAsync tries at the most; filling a missing database of many gigabytes takes a while. 1 s to 7 d. Default: 1 h.</summary>
    public TimeSpan PrepareTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long no sidecar may be reached at the start of the app before <see cref="WhenUnreachable"/> decides. 0 to 1 d. Default: 30 s.</summary>
    public TimeSpan UnreachableAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What an app does that starts without a sidecar. Default: <see cref="WhenUnreachable.Fail"/>.</summary>
    public WhenUnreachable WhenUnreachable { get; set; } = WhenUnreachable.Fail;

    /// <summary>What the process ends with when the sidecar asks for a restart, for whoever starts it again. 1 to 255. Default: 75.</summary>
    public int RestartExitCode { get; set; } = 75;

    /// <summary>
    /// How long an instance works on before it ends, when it was told at its start already that a restore waits and could not be put in place, because other instances run; up to twice as long, by chance, so that instances do not go in step.
    /// 0 to 1 h. Default: 10 s.
    /// </summary>
    public TimeSpan RestartPause { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>True: a restore is confirmed when the app has started and its health checks pass. False: the app calls <see cref="IBackupSidecar.ConfirmHealthyAsync"/>. Default: true.</summary>
    public bool ConfirmWhenHealthy { get; set; } = true;

    /// <summary>How long after a failed round of health checks the next one begins, while a restore waits for its confirmation. 10 ms to 1 h. Default: 1 s.</summary>
    public TimeSpan HealthCheckInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>When a round of health checks is cancelled and counts as failed. 100 ms to 1 h. Default: 30 s.</summary>
    public TimeSpan HealthCheckTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How much time for its confirmation a restored database gets, counted from PrepareDatabaseAsync, where that is more than the sidecar's restore.confirmWithin: for long migrations. 1 s to 1 d. Default: 0, which asks for none.</summary>
    public TimeSpan ExtendConfirmationBy { get; set; } = TimeSpan.Zero;

    /// <summary>How long <see cref="IBackupSidecar.EnsureDurableAsync"/> waits. 100 ms to 1 min. Default: 30 s.</summary>
    public TimeSpan EnsureDurableTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What the health check "backup_sidecar" says while the sidecar is not reached. Default: Degraded, so that no app is ended because its sidecar is.</summary>
    public HealthStatus HealthCheckFailureStatus { get; set; } = HealthStatus.Degraded;

    private static string VersionOfProgram()
    {
        var version = Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        return version.Length <= AppVersionLengthMax ? version : version[..AppVersionLengthMax];
    }
}
