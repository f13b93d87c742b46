using System.Diagnostics.Metrics;
using BackupSidecar.Api;
using BackupSidecar.Following;
using BackupSidecar.Hosting.Service;
using BackupSidecar.Tests.Api;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Service;

/// <summary>What the metrics say of repositories beside the local one, with names and without.</summary>
public sealed class ServeMetricsTests
{
    private static readonly DateTimeOffset At = SampleStatus.At;

    private static readonly RemoteAccount Alive = new("/c")
    {
        Kind = "user",
        TokenExpiresAt = DateTimeOffset.UnixEpoch.AddSeconds(1_000),
        Requests = [new RequestCount("list", "ok", 5), new RequestCount("write", "limited", 2)],
        RequestsToday = 70,
        RequestsPerDay = 1_000,
        UnitsInLastMinute = 300,
        UnitsPerMinute = 5_000,
    };

    private static readonly RemoteAccount Dead = Alive with { Credential = "/d", TokenExpiresAt = null, Death = new CredentialDeath(At, "invalid_grant", "Sign in.") };

    /// <summary>A directory, and two folders of Drive with one credential; another one is dead.</summary>
    private static readonly ServeStatus Status = SampleStatus.Of(
        SampleStatus.Source("a") with
        {
            Remotes =
            [
                new RemoteStatus("nas", "/nas", 60) { LagSeconds = 3.5, Bytes = 10, LastSyncAt = DateTimeOffset.UnixEpoch.AddSeconds(7) },
                new RemoteStatus("drive1", "f1", 60) { LagSeconds = 2, Bytes = 20, LastSyncAt = DateTimeOffset.UnixEpoch.AddSeconds(8), Account = Alive },
                new RemoteStatus("drive2", "f2", 60) { Account = Alive },
            ],
        },
        SampleStatus.Source("b") with
        {
            Remotes = [new RemoteStatus("nas", "/nas", 60) { LagSeconds = 0, Bytes = 5 }, new RemoteStatus("drive1", "f1", 60) { Account = Alive }, new RemoteStatus("other", "f3", 60) { Account = Dead }],
        });

    [Fact]
    public void Without_names_there_are_extremes_and_sums_and_a_shared_credential_counts_once()
    {
        var seen = Collect(Status, names: false);

        Assert.Equal([("", 3.5)], seen["backupsidecar.remote.lag"]);
        Assert.Equal([("", 7)], seen["backupsidecar.remote.last_sync.timestamp"]);
        Assert.Equal([("", 35)], seen["backupsidecar.remote.sent"]);
        Assert.Equal([("kind=list result=ok", 10), ("kind=write result=limited", 4)], seen["backupsidecar.remote.requests"]);
        Assert.Equal([("", 140)], seen["backupsidecar.remote.requests.today"]);
        Assert.Equal([("", 2_000)], seen["backupsidecar.remote.requests.limit"]);
        Assert.Equal([("", 600)], seen["backupsidecar.remote.units"]);
        Assert.Equal([("", 10_000)], seen["backupsidecar.remote.units.limit"]);
        Assert.Equal([("", 1)], seen["backupsidecar.remote.credential_dead"]);
        Assert.Equal([("", 1_000)], seen["backupsidecar.remote.token_expiry.timestamp"]);
    }

    [Fact]
    public void With_names_each_repository_has_its_series_and_each_source_in_it()
    {
        var seen = Collect(Status, names: true);

        Assert.Equal([("repository=nas source=a", 3.5), ("repository=drive1 source=a", 2), ("repository=nas source=b", 0)], seen["backupsidecar.remote.lag"]);
        Assert.Equal([("repository=drive1", 0), ("repository=drive2", 0), ("repository=other", 1)], seen["backupsidecar.remote.credential_dead"]);
        Assert.Equal([("repository=drive1", 1_000), ("repository=drive2", 1_000)], seen["backupsidecar.remote.token_expiry.timestamp"]);
        Assert.Contains(("kind=list result=ok repository=drive2", 5), seen["backupsidecar.remote.requests"]);
        Assert.Equal(6, seen["backupsidecar.remote.requests"].Count);
    }

    [Fact]
    public void Directories_alone_have_no_metric_of_a_credential()
    {
        var seen = Collect(SampleStatus.Of(SampleStatus.Source("a") with { Remotes = [new RemoteStatus("nas", "/nas", 60) { LagSeconds = 1 }] }), names: false);

        Assert.Equal([("", 1)], seen["backupsidecar.remote.lag"]);
        Assert.DoesNotContain(seen.Keys, name => name.Contains("credential", StringComparison.Ordinal) || name.Contains("requests", StringComparison.Ordinal) || name.Contains("units", StringComparison.Ordinal) || name.Contains("token", StringComparison.Ordinal));
    }

    /// <returns>For each metric its series, by their tags in the order of names.</returns>
    private static Dictionary<string, List<(string Tags, double Value)>> Collect(ServeStatus status, bool names)
    {
        var seen = new Dictionary<string, List<(string, double)>>(StringComparer.Ordinal);
        using var metrics = new ServeMetrics(() => status, names, TimeProvider.System);
        using var listener = new MeterListener();

        // Other tests in this process have meters of that name as well.
        listener.InstrumentPublished = (instrument, all) =>
        {
            if (metrics.Has(instrument))
            {
                all.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var text = string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
            if (!seen.TryGetValue(instrument.Name, out var series))
            {
                seen[instrument.Name] = series = [];
            }

            series.Add((text, value));
        }
    }
}
