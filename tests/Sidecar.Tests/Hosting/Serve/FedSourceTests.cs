using BackupSidecar.Following;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Sync;
using BackupSidecar.Tests.Repository;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

public sealed class FedSourceTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Who_gave_up_is_forgotten_over_any_number_of_failures()
    {
        var source = new FedSource(run: null, new Backoff(new Random(1)));
        var patient = source.NextSuccess();
        for (var failure = 0; failure < 100; failure++)
        {
            var impatient = source.NextSuccess();
            var waiting = source.Begin(Noon);
            Assert.Equal([patient, impatient], waiting);
            _ = impatient.TrySetCanceled(CancellationToken.None);
            _ = source.Failed(waiting, "away", "Bring it back.", isRefused: false, Noon);
            Assert.True(source.IsAsked);
        }

        _ = patient.TrySetCanceled(CancellationToken.None);
        Assert.Empty(source.Begin(Noon));
        _ = source.Failed([], "away", "Bring it back.", isRefused: false, Noon);
        Assert.False(source.IsAsked);
    }

    [Fact]
    public void What_was_captured_while_a_run_went_on_is_missing_since_the_run_began()
    {
        var source = new FedSource(run: null, new Backoff(new Random(1)));
        source.See(StatusOf(3), Noon);
        _ = source.Begin(Noon.AddMinutes(1));

        _ = source.Succeeded(SyncedUpTo(3), StatusOf(4), Noon.AddMinutes(9));

        Assert.Equal((3UL, Noon.AddMinutes(1)), (source.Reached!.Value.Position, source.BehindSince!.Value));
        source.See(StatusOf(5), Noon.AddMinutes(10));
        Assert.Equal(Noon.AddMinutes(1), source.BehindSince);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(2)]
    public void What_is_there_up_to_the_newest_or_farther_than_the_status_tells_yet_lacks_nothing(ulong captured)
    {
        var source = new FedSource(run: null, new Backoff(new Random(1)));
        source.See(StatusOf(2), Noon);
        _ = source.Begin(Noon);

        _ = source.Succeeded(SyncedUpTo(3), StatusOf(captured), Noon.AddMinutes(1));
        source.See(StatusOf(captured), Noon.AddMinutes(2));

        Assert.Null(source.BehindSince);
    }

    [Fact]
    public void Another_timeline_is_not_there_whatever_its_numbers()
    {
        var source = new FedSource(run: null, new Backoff(new Random(1)));
        _ = source.Begin(Noon);
        _ = source.Succeeded(SyncedUpTo(3), StatusOf(3), Noon);

        source.See(StatusOf(2) with { Timeline = RepositorySamples.OtherLine.ToString() }, Noon.AddMinutes(1));

        Assert.Equal(Noon.AddMinutes(1), source.BehindSince);
    }

    private static SourceStatus StatusOf(ulong position) =>
        new() { Name = "app", Path = "/app", State = SourceState.Following, Position = position, Timeline = RepositorySamples.Line.ToString() };

    private static SyncResult SyncedUpTo(ulong position) => SyncResult.Nothing with { Position = RepositorySamples.At(position) };
}
