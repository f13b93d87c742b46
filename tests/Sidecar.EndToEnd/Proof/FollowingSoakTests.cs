using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>
/// Applications that never pause are followed for as long as one has the patience. Each looks at commits of its own in a read transaction; restore points of these
/// very commits must hold the same rows. Meanwhile both sides are killed, and the disk of the repository is full now and then.
/// </summary>
public sealed class FollowingSoakTests(ITestOutputHelper output)
{
    /// <summary>A scale of 300 is an hour.</summary>
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(12) * ProofSettings.Scale;
    private static readonly TimeSpan ReportPeriod = TimeSpan.FromMinutes(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restore_points_are_what_the_applications_saw_whatever_happens()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var fleet = await Fleet.StartAsync(random, FleetPace.Slow, Ct);
        output.WriteLine(fleet.CanFillDisk ? "with full disks" : "without full disks: nothing may be mounted here");
        var (begun, reported) = (TimeProvider.System.GetTimestamp(), TimeProvider.System.GetTimestamp());
        try
        {
            for (var step = 0; TimeProvider.System.GetElapsedTime(begun) < Duration; step++)
            {
                await fleet.VerifyOnTheWayAsync();
                if (random.Next(2) == 0)
                {
                    await fleet.StrikeAsync();
                }

                if (fleet.CanFillDisk && (step == 2 || random.Next(20) == 0))
                {
                    await fleet.FillDiskAsync();
                }

                if (TimeProvider.System.GetElapsedTime(reported) > ReportPeriod)
                {
                    reported = TimeProvider.System.GetTimestamp();
                    output.WriteLine($"{TimeProvider.System.GetElapsedTime(begun):hh\\:mm\\:ss} {fleet.Report}");
                }
            }

            await fleet.VerifyAtRestAsync();
        }
        finally
        {
            output.WriteLine(fleet.Report);
        }
    }
}
