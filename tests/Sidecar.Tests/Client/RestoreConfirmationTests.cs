using BackupSidecar.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace BackupSidecar.Tests.Client;

public sealed class RestoreConfirmationTests
{
    private static readonly PreparedDatabase Restored = new(DatabasePreparation.Restored, "0123456789abcdef", DateTimeOffset.UnixEpoch, IsRestartWanted: false, []);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_confirmation_that_comes_too_late_asks_for_a_restart()
    {
        var sidecar = new PlayedSidecar("CONFIRMATION_TOO_LATE");

        Assert.False(await ConfirmAsync(sidecar));
        Assert.Equal(1, sidecar.Confirmations);
    }

    [Fact]
    public async Task A_restore_that_is_not_known_any_more_needs_no_restart()
    {
        var sidecar = new PlayedSidecar("NO_SUCH_GRANT");

        Assert.True(await ConfirmAsync(sidecar));
        Assert.Equal(1, sidecar.Confirmations);
    }

    [Fact]
    public async Task A_sidecar_that_is_away_for_a_while_is_told_when_it_is_back()
    {
        var sidecar = new PlayedSidecar(BackupSidecarException.Unreachable, "ENDING");

        Assert.True(await ConfirmAsync(sidecar));
        Assert.Equal(3, sidecar.Confirmations);
    }

    [Fact]
    public async Task Nothing_is_confirmed_before_the_health_checks_pass()
    {
        var sidecar = new PlayedSidecar();
        var rounds = 0;

        Assert.True(await ConfirmAsync(sidecar, () =>
        {
            Assert.Equal(0, sidecar.Confirmations);
            return ++rounds < 3 ? HealthCheckResult.Unhealthy() : HealthCheckResult.Degraded();
        }));
        Assert.Equal((3, 1), (rounds, sidecar.Confirmations));
    }

    [Fact]
    public async Task The_clients_own_check_does_not_count()
    {
        var sidecar = new PlayedSidecar();

        Assert.True(await ConfirmAsync(sidecar, () => HealthCheckResult.Healthy(), services => services.AddHealthChecks().AddCheck(SidecarHealthCheck.Name, () => HealthCheckResult.Unhealthy())));
    }

    private static async Task<bool> ConfirmAsync(PlayedSidecar sidecar, Func<HealthCheckResult>? check = null, Action<IServiceCollection>? more = null)
    {
        var services = new ServiceCollection().AddLogging();
        _ = services.AddHealthChecks().AddCheck("played", check ?? (() => HealthCheckResult.Healthy()));
        more?.Invoke(services);
        await using var provider = services.BuildServiceProvider();
        var options = new BackupSidecarOptions { HealthCheckInterval = TimeSpan.FromMilliseconds(10) };
        return await new RestoreConfirmation(sidecar, Restored, provider.GetRequiredService<HealthCheckService>(), options, NullLogger.Instance, TimeProvider.System, new Random(1)).ConfirmAsync(Ct);
    }
}
