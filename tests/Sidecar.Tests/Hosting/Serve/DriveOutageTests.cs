using BackupSidecar.Following;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Tests.Compaction;
using BackupSidecar.Tests.Store.GoogleDrive;
using BackupSidecar.Tests.Sync;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

/// <summary>Google Drive is away for a day, under a moved clock: captures go on, disks do not fill, the status says what is so at every hour, and what piled up goes there in one go.</summary>
public sealed class DriveOutageTests : IAsyncLifetime
{
    private const int Hours = 24;

    /// <summary>Bytes of the local repository: a pack takes ten thousand, and without compaction there would be 1440.</summary>
    private const long LocalQuota = 3_000_000;

    /// <summary>Bytes of what Drive's store keeps on the local disk: nothing waits there.</summary>
    private const long StateQuota = 16_000;

    private readonly FeedScene _scene = new();
    private DriveScene _drive = null!;
    private DriveStore _store = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private CompactionScene App => _scene.App;

    private RemoteStatus Status => _scene.Status;

    public async ValueTask InitializeAsync()
    {
        _drive = await DriveScene.StartAsync();
        _store = _drive.Open();
        await App.CaptureAtAsync(0, 1);
        await _scene.MakeAsync(_store);
        await _scene.StartAsync(_store, settings => settings with
        {
            Sync = settings.Sync with { Compaction = SourceUpkeep.OptionsOfRemote(new CompactionSettings(), openFilesMax: 1000, () => new MemoryStream()) },
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _scene.DisposeAsync();
        await _drive.DisposeAsync();
    }

    [Fact]
    public async Task A_day_without_drive_fills_no_disk_is_told_the_truth_of_and_is_made_up_for_with_few_packs()
    {
        await _scene.UntilAsync(() => Status.BehindSince is null && Status.LastSyncAt is not null, "the first sync");
        var packs = Status.Packs;
        _drive.Wire.Cut(_ => true, times: int.MaxValue);
        await _scene.CaptureAsync();
        await _scene.UntilAsync(() => Status.Trouble is { OverAt: null }, "the failure");
        var (behindSince, failedSince, reached) = (Status.BehindSince!.Value, Status.Trouble!.Since, Status.Position);
        var waiting = _scene.Feed.SyncedAsync("app", Ct);
        for (var hour = 1; hour <= Hours; hour++)
        {
            for (var minute = 0; minute < 60; minute++)
            {
                App.Time.Advance(TimeSpan.FromMinutes(1));
                await _scene.CaptureAsync();
                if (minute % 15 == 14)
                {
                    _ = await App.CompactAsync();
                }
            }

            AssertTold(hour, behindSince, failedSince, reached);
            Assert.False(waiting.IsCompleted, "nothing is in Drive that could be acknowledged");
            Assert.InRange(App.Store.Names.Sum(name => (long)App.Store.Read(name).Length), 1, LocalQuota);
            Assert.InRange(Directory.EnumerateFiles(_drive.StateOf("state"), "*", SearchOption.AllDirectories).Sum(LengthOf), 0, StateQuota);
        }

        _drive.Wire.Clear();
        await _scene.UntilAsync(() => waiting.IsCompleted && Status.Position == App.Newest.Transaction.Value, "what was made up for");

        await waiting;
        Assert.InRange(Status.Packs - packs, 1, 3);
        Assert.Equal((null, 0.0), (Status.BehindSince, Status.LagSeconds));
        Assert.NotNull(Status.Trouble?.OverAt);
        await SyncScene.AssertThereAsync(App, _drive.Open("elsewhere"), [App.Newest]);
    }

    /// <summary>What the store writes has a name of its own for a moment, and is then renamed.</summary>
    private static long LengthOf(string path)
    {
        try
        {
            return new FileInfo(path).Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }

    private void AssertTold(int hour, DateTimeOffset behindSince, DateTimeOffset failedSince, ulong? reached)
    {
        var (status, now) = (Status, App.Time.GetUtcNow());
        Assert.Equal((behindSince, reached), (status.BehindSince, status.Position));
        Assert.Equal((now - behindSince).TotalSeconds, status.LagSeconds);
        Assert.InRange(status.LagSeconds!.Value, hour * 3600, double.MaxValue);
        Assert.Equal((null, failedSince), (status.Trouble!.OverAt, status.Trouble.Since));
        Assert.Contains("Google Drive", status.Trouble.Message, StringComparison.Ordinal);
        var judged = Protection.Of(new SourceStatus { Name = "app", Path = "/app", State = SourceState.Following, Position = 1, Remotes = [status] }, now);
        Assert.Equal(ProtectionLevel.AtRisk, judged.Level);
        Assert.Contains(judged.Reasons, reason => reason.StartsWith("Repository 'offsite' lacks what was captured in the last", StringComparison.Ordinal));
    }
}
