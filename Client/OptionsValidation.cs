using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace BackupSidecar.Client;

/// <summary>Finds everything that is wrong with the options at once: each with its value and what is allowed.</summary>
internal sealed class OptionsValidation : IValidateOptions<BackupSidecarOptions>
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public ValidateOptionsResult Validate(string? name, BackupSidecarOptions options)
    {
        List<string> problems =
        [
            .. AddressProblems(options),
            .. VersionProblems(options.AppVersion),
            .. UnreachableProblems(options),
            .. Range(nameof(options.PrepareTimeout), options.PrepareTimeout, Second, 7 * Day),
            .. Range(nameof(options.UnreachableAfter), options.UnreachableAfter, TimeSpan.Zero, Day),
            .. Range(nameof(options.RestartPause), options.RestartPause, TimeSpan.Zero, Hour),
            .. Range(nameof(options.HealthCheckInterval), options.HealthCheckInterval, Second / 100, Hour),
            .. Range(nameof(options.HealthCheckTimeout), options.HealthCheckTimeout, Second / 10, Hour),
            .. Range(nameof(options.EnsureDurableTimeout), options.EnsureDurableTimeout, Second / 10, Minute),
        ];
        if (options.ExtendConfirmationBy != TimeSpan.Zero)
        {
            problems.AddRange(Range(nameof(options.ExtendConfirmationBy), options.ExtendConfirmationBy, Second, Day));
        }

        if (options.RestartExitCode is < 1 or > 255)
        {
            problems.Add($"RestartExitCode is {options.RestartExitCode}: 1 to 255 is allowed.");
        }

        if (options.HealthCheckFailureStatus is < HealthStatus.Unhealthy or > HealthStatus.Healthy)
        {
            problems.Add($"HealthCheckFailureStatus is {(int)options.HealthCheckFailureStatus}: Unhealthy, Degraded and Healthy are allowed.");
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems.Select(problem => $"BackupSidecarOptions: {problem}"));
    }

    private static IEnumerable<string> AddressProblems(BackupSidecarOptions options)
    {
        var address = options.Address;
        if (string.IsNullOrEmpty(address))
        {
            yield return $"Address is empty: set it, the variable {BackupSidecarOptions.AddressVariable} or the connection string '{options.ConnectionName}', to unix:PATH with the app's socket of the sidecar, such as unix:/run/backup-sidecar/app.sock.";
        }
        else if (!SidecarAddress.TryParse(address, out _))
        {
            yield return $"Address is '{address}': allowed is unix:PATH with the path of a socket of at most 107 bytes, such as unix:/run/backup-sidecar/app.sock.";
        }
    }

    private static IEnumerable<string> VersionProblems(string version)
    {
        if (version.Length > BackupSidecarOptions.AppVersionLengthMax || version.Any(char.IsControl) || version != version.Trim())
        {
            yield return $"AppVersion is '{version}': at most {BackupSidecarOptions.AppVersionLengthMax} characters are allowed, without control characters and without white space at the ends.";
        }
    }

    private static IEnumerable<string> UnreachableProblems(BackupSidecarOptions options)
    {
        if (options.WhenUnreachable is not (WhenUnreachable.Fail or WhenUnreachable.OpenExisting))
        {
            yield return $"WhenUnreachable is {(int)options.WhenUnreachable}: Fail and OpenExisting are allowed.";
        }

        if (options is { WhenUnreachable: WhenUnreachable.OpenExisting, DatabasePath: "" })
        {
            yield return "DatabasePath is empty: WhenUnreachable OpenExisting needs the path of the database file, to see whether it is there.";
        }
    }

    private static IEnumerable<string> Range(string name, TimeSpan value, TimeSpan min, TimeSpan max)
    {
        if (value < min || value > max)
        {
            yield return $"{name} is {value:c}: {min:c} to {max:c} is allowed.";
        }
    }
}
