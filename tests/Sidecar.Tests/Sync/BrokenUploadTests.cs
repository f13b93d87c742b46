using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Tests.Compaction;
using BackupSidecar.Tests.Repository;
using BackupSidecar.Tests.Store.GoogleDrive;
using Xunit;

namespace BackupSidecar.Tests.Sync;

/// <summary>A pack that is passed on to Google Drive when its process is killed: the next process goes on with that very upload, as long as nothing was announced since.</summary>
public sealed class BrokenUploadTests : IAsyncLifetime
{
    private const int PieceBytes = 256 << 10;
    private const int PiecesBefore = 3;

    private readonly CompactionScene _scene = new() { PageSizeBytes = 65536 };
    private DriveScene _drive = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _drive = await DriveScene.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _drive.DisposeAsync();
        _scene.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_next_process_goes_on_with_it_and_where_another_source_was_announced_meanwhile_it_starts_over(bool isAnotherAnnounced)
    {
        var begun = await BreakOffAsync();
        var sentBefore = BytesSent();
        var store = Store();
        await using (var there = await OpenAsync(store))
        {
            Assert.NotEqual(begun, there.Stamp);
            if (isAnotherAnnounced)
            {
                await there.Lease!.ConfirmAsync(Id128<SourceKind>.New(), RepositorySamples.At(1), _scene.Time.GetUtcNow(), Ct);
            }

            Assert.Equal(_scene.Newest, (await (await SyncScene.RunAsync(_scene, there)).ExecuteAsync("app", Ct)).Position);
        }

        var elsewhere = _drive.Open("elsewhere");
        var catalog = await SyncScene.CatalogOfAsync(elsewhere);
        var pack = Assert.Single(catalog.Packs, pack => pack.Name.To == _scene.Newest);
        var sent = BytesSent() - sentBefore;
        if (isAnotherAnnounced)
        {
            Assert.True(pack.Name.Stamp.Announcement > begun.Announcement);
            Assert.InRange(sent, pack.Length, pack.Length + PieceBytes);
        }
        else
        {
            Assert.Equal(begun, pack.Name.Stamp);
            Assert.InRange(sent, 1, pack.Length - ((PiecesBefore - 1) * PieceBytes));
        }

        await _scene.AssertRebuildsAsync(catalog, _scene.Newest, elsewhere);
    }

    /// <summary>A first position is there; the upload of the second, in one large pack, ends after some pieces with its process.</summary>
    /// <returns>The stamp that it was begun under.</returns>
    private async Task<WriterStamp> BreakOffAsync()
    {
        var random = new Random(5);
        await _scene.CaptureAtAsync(0);
        var store = Store();
        await (await _scene.OpenAsync(store)).DisposeAsync();
        await using var there = await OpenAsync(store);
        var run = await SyncScene.RunAsync(_scene, there);
        _ = await run.ExecuteAsync("app", Ct);
        _scene.Resize(120, random);
        _ = await _scene.CaptureAsync();
        var stamp = there.Stamp;
        var pieces = 0;
        _drive.Wire.Cut(request => (WireScript.IsChunk(request) && ++pieces > PiecesBefore) || pieces > PiecesBefore, times: int.MaxValue);
        _ = await Assert.ThrowsAnyAsync<StoreException>(async () => await run.ExecuteAsync("app", Ct));
        _drive.Wire.Clear();
        Assert.Equal(1, store.UnfinishedUploads);
        return stamp;
    }

    private DriveStore Store() => _drive.Open(change: options => options with { Retry = options.Retry with { RetriesMax = 1 } });

    private async Task<BackupRepository> OpenAsync(DriveStore store)
    {
        var repository = await BackupRepository.OpenForWritingAsync(store, "a test", createIfMissing: false, _scene.Time, Ct);
        await repository.TakeLeaseAsync(new LeaseHolder("a", "host", "1", _scene.Time.GetUtcNow()), Ct);
        return repository;
    }

    private long BytesSent() => _drive.Host.Requests.Entries().Where(entry => entry.Kind == "upload.chunk").Sum(entry => entry.ReceivedBytes);
}
