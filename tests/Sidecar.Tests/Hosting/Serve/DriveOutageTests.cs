using BackupSidecar.Compaction;
using BackupSidecar.Following;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Logging;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Sync;
using BackupSidecar.Testing;
using BackupSidecar.Tests.Compaction;
using BackupSidecar.Tests.Store.GoogleDrive;
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

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    private readonly CompactionScene _scene = new() { Options = new CompactionOptions { CreateSpool = () => new MemoryStream() } };
    private readonly SharedText _log = new();
    private readonly CancellationTokenSource _stop = new();
    private DriveScene _drive = null!;
    private DriveStore _store = null!;
    private RemoteFeed _feed = null!;
    private Task _running = Task.CompletedTask;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private RemoteStatus Status => _feed.Of("app");

    public async ValueTask InitializeAsync()
    {
        _drive = await DriveScene.StartAsync();
        _store = _drive.Open();
        await _scene.CaptureAtAsync(0, 1);
        await (await _scene.OpenAsync(_store)).DisposeAsync();
        var settings = new RemoteFeedSettings
        {
            Name = "offsite",
            Location = _store.Location,
            Interval = TimeSpan.FromMinutes(1),
            Open = OpenAsync,
            OpenForReading = ct => BackupRepository.OpenForReadingAsync(_store, ct),
            Sync = new SyncOptions { Merge = _scene.Options, Compaction = SourceUpkeep.OptionsOfRemote(new CompactionSettings(), openFilesMax: 1000, () => new MemoryStream()) },
        };
        var local = await BackupRepository.OpenForReadingAsync(_scene.Store, Ct);
        _feed = new RemoteFeed(settings, local, Statuses, new Random(1), new LineLogger(_log, new LogOptions(), _scene.Time), _scene.Time);
        _running = Task.Run(() => _feed.RunAsync(_stop.Token), Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _feed.DisposeAsync();
        await _drive.DisposeAsync();
        _stop.Dispose();
        _scene.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task A_day_without_drive_fills_no_disk_is_told_the_truth_of_and_is_made_up_for_with_few_packs()
    {
        await UntilAsync(() => Status.BehindSince is null && Status.LastSyncAt is not null, "the first sync");
        var packs = Status.Packs;
        _drive.Wire.Cut(_ => true, times: int.MaxValue);
        await CaptureAsync();
        await UntilAsync(() => Status.Trouble is { OverAt: null }, "the failure");
        var (behindSince, failedSince, reached) = (Status.BehindSince!.Value, Status.Trouble!.Since, Status.Position);
        var waiting = _feed.SyncedAsync("app", Ct);
        for (var hour = 1; hour <= Hours; hour++)
        {
            for (var minute = 0; minute < 60; minute++)
            {
                _scene.Time.Advance(TimeSpan.FromMinutes(1));
                await CaptureAsync();
                if (minute % 15 == 14)
                {
                    _ = await _scene.CompactAsync();
                }
            }

            AssertTold(hour, behindSince, failedSince, reached);
            Assert.False(waiting.IsCompleted, "nothing is in Drive that could be acknowledged");
            Assert.InRange(_scene.Store.Names.Sum(name => (long)_scene.Store.Read(name).Length), 1, LocalQuota);
            Assert.InRange(Directory.EnumerateFiles(_drive.StateOf("state"), "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length), 0, StateQuota);
        }

        _drive.Wire.Clear();
        await UntilAsync(() => waiting.IsCompleted && Status.Position == _scene.Newest.Transaction.Value, "what was made up for");

        await waiting;
        Assert.InRange(Status.Packs - packs, 1, 3);
        Assert.Equal((null, 0.0), (Status.BehindSince, Status.LagSeconds));
        Assert.NotNull(Status.Trouble?.OverAt);
        var there = await BackupRepository.OpenForReadingAsync(_drive.Open("elsewhere"), Ct);
        var catalog = await there.ReadCatalogAsync(await there.FindSourceAsync("app", Ct), Ct);
        await _scene.AssertRebuildsAsync(catalog, _scene.Newest, _store);
    }

    private void AssertTold(int hour, DateTimeOffset behindSince, DateTimeOffset failedSince, ulong? reached)
    {
        var (status, now) = (Status, _scene.Time.GetUtcNow());
        Assert.Equal((behindSince, reached), (status.BehindSince, status.Position));
        Assert.InRange(status.LagSeconds ?? 0, hour * 3600, (hour * 3600) + 300);
        Assert.Equal((null, failedSince), (status.Trouble!.OverAt, status.Trouble.Since));
        Assert.Contains("Google Drive", status.Trouble.Message, StringComparison.Ordinal);
        var judged = Protection.Of(new SourceStatus { Name = "app", Path = "/app", State = SourceState.Following, Position = 1, Remotes = [status] }, now);
        Assert.Equal(ProtectionLevel.AtRisk, judged.Level);
        Assert.Contains(judged.Reasons, reason => reason.StartsWith("Repository 'offsite' lacks what was captured in the last", StringComparison.Ordinal));
    }

    private async ValueTask<BackupRepository> OpenAsync(CancellationToken ct)
    {
        var repository = await BackupRepository.OpenForWritingAsync(_store, "a test", createIfMissing: false, _scene.Time, ct);
        await repository.TakeLeaseAsync(new LeaseHolder("a", "host", "1", _scene.Time.GetUtcNow()), ct);
        return repository;
    }

    private IReadOnlyList<SourceStatus> Statuses() =>
        [new SourceStatus { Name = "app", Path = "/app", State = SourceState.Following, Position = _scene.Newest.Transaction.Value, Timeline = _scene.Newest.Timeline.ToString() }];

    private Task<Position> CaptureAsync()
    {
        var random = new Random(_scene.History.Count);
        _scene.Change(1 + random.Next(_scene.Pages.Count), random);
        return _scene.CaptureAsync();
    }

    private async Task UntilAsync(Func<bool> isSo, string what)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (!isSo())
        {
            Assert.False(late.IsCancellationRequested, $"waited for: {what}\n{_log}");
            _scene.Time.Advance(Step);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Ct);
        }
    }
}
