using BackupSidecar.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace BackupSidecar.Tests.Client;

public sealed class OptionsTests
{
    [Theory]
    [InlineData("unix:/run/app.sock", "/run/app.sock")]
    [InlineData("unix:///run/app.sock", "/run/app.sock")]
    public void An_address_is_read_as_the_command_line_writes_it(string address, string path)
    {
        Assert.True(SidecarAddress.TryParse(address, out var found));
        Assert.Equal(path, found);
    }

    [Theory]
    [InlineData("")]
    [InlineData("unix:")]
    [InlineData("/run/app.sock")]
    [InlineData("http://localhost:5000")]
    [InlineData("unix:/12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567")]
    public void What_is_no_address_is_refused_with_its_value(string address)
    {
        var problem = Assert.Single(Problems(options => options.Address = address));

        Assert.StartsWith(address.Length == 0 ? "BackupSidecarOptions: Address is empty" : $"BackupSidecarOptions: Address is '{address}'", problem, StringComparison.Ordinal);
        Assert.Contains("such as unix:/run/backup-sidecar/app.sock", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_bounds_of_each_option_are_allowed_and_what_is_beyond_is_named()
    {
        Assert.Empty(Problems(options => (options.RestartExitCode, options.RestartPause, options.UnreachableAfter, options.ExtendConfirmationBy) = (1, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromDays(1))));

        var problems = Problems(options =>
        {
            (options.RestartExitCode, options.WhenUnreachable, options.HealthCheckFailureStatus) = (0, (WhenUnreachable)7, (Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus)9);
            (options.PrepareTimeout, options.UnreachableAfter, options.RestartPause) = (TimeSpan.FromDays(8), TimeSpan.FromSeconds(-1), TimeSpan.FromHours(2));
            (options.HealthCheckInterval, options.HealthCheckTimeout, options.EnsureDurableTimeout, options.ExtendConfirmationBy) = (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromMinutes(2), TimeSpan.FromDays(2));
            options.AppVersion = new string('1', 81);
        });

        Assert.Equal(
            ["AppVersion", "WhenUnreachable", "PrepareTimeout", "UnreachableAfter", "RestartPause", "HealthCheckInterval", "HealthCheckTimeout", "EnsureDurableTimeout", "ExtendConfirmationBy", "RestartExitCode", "HealthCheckFailureStatus"],
            problems.Select(problem => problem.Split(' ')[1]));
    }

    [Fact]
    public void A_second_sidecar_is_refused()
    {
        var services = new ServiceCollection().AddBackupSidecar();

        Assert.Contains("called twice", Assert.Throws<InvalidOperationException>(() => services.AddBackupSidecar()).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Problems(Action<BackupSidecarOptions> change)
    {
        var options = new BackupSidecarOptions { Address = "unix:/run/app.sock", AppVersion = "1" };
        change(options);
        var result = ((IValidateOptions<BackupSidecarOptions>)new OptionsValidation()).Validate(null, options);
        return result.Failures ?? [];
    }
}
