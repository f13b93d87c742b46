using BackupSidecar.Cli.Output;
using BackupSidecar.Primitives;
using Xunit;

namespace BackupSidecar.Tests.Cli.Output;

public sealed class PeopleOutputTests
{
    private readonly CommandLineBench _bench = new();

    [Fact]
    public async Task Where_nobody_looks_on_progress_is_a_line_a_minute()
    {
        _ = await new PeopleOutput(_bench.Surroundings).TrackAsync(progress =>
        {
            for (var second = 0; second <= 150; second++)
            {
                progress.Report(new ProgressReport("read the database", second << 20, 300 << 20));
                _bench.Time.Advance(TimeSpan.FromSeconds(1));
            }

            return ValueTask.FromResult(0);
        });

        Assert.Empty(_bench.Out);
        Assert.Equal(
            [
                "2026-03-01 12:01:00 +00:00 read the database: 60.0 MiB of 300 MiB (20 %), 1.00 MiB/s, about 4 min 0 s left",
                "2026-03-01 12:02:00 +00:00 read the database: 120 MiB of 300 MiB (40 %), 1.00 MiB/s, about 3 min 0 s left",
            ],
            _bench.ErrorLines);
    }

    [Fact]
    public void A_doubt_is_loud_and_outcomes_alone_go_to_standard_output()
    {
        var output = new PeopleOutput(_bench.Surroundings);

        output.Warn("careful");
        output.Doubt(new OperatorException(FailureKind.VerificationFailed, "A pack is missing.", "Look for it."));

        Assert.Empty(_bench.Out);
        Assert.Equal(["warning: careful", "WARNING, OLDER BACKUPS ARE IN DOUBT: A pack is missing.", "hint: Look for it."], _bench.ErrorLines);
    }
}
