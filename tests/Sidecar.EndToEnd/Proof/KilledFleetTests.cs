using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>Three applications and a serve that follows them: real processes, all of them killed at random moments.</summary>
public sealed class KilledFleetTests(ITestOutputHelper output)
{
    /// <summary>Enough for some hundred kills of the native program.</summary>
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(SidecarBinary.Current.IsPublished ? 60 : 20) * ProofSettings.Scale;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_sides_survive_any_kill()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"seed {seed}");
        await using var fleet = await Fleet.StartAsync(new Random(seed), FleetPace.Fast, Ct);
        var begun = TimeProvider.System.GetTimestamp();
        try
        {
            do
            {
                await fleet.RoundAsync();
            }
            while (TimeProvider.System.GetElapsedTime(begun) < Duration);
        }
        finally
        {
            output.WriteLine(fleet.Report);
        }
    }
}
