using BackupSidecar.Hosting.Serve;
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
            _ = source.Failed(waiting, "away", "Bring it back.", Noon);
            Assert.True(source.IsAsked);
        }

        _ = patient.TrySetCanceled(CancellationToken.None);
        Assert.Empty(source.Begin(Noon));
        _ = source.Failed([], "away", "Bring it back.", Noon);
        Assert.False(source.IsAsked);
    }
}
