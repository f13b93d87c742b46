using BackupSidecar.Following;
using BackupSidecar.Repository;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using BackupSidecar.Tests.Sync;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

/// <summary>Two sources, and an upload of one of them that an earlier process broke off: it goes on as long as nothing else is announced, so that its source comes first.</summary>
public sealed class BegunUploadTests : IAsyncDisposable
{
    private readonly FeedScene _scene = new();
    private readonly ScratchDirectory _directory = new();
    private readonly CompactionScene _other;
    private readonly LeasedStore _store;

    public BegunUploadTests()
    {
        _other = _scene.AddSource("other");
        _store = new LeasedStore(new MemoryStore(), new FileSystemStore(_directory.FullPath));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private RemoteStatus App => _scene.Status;

    private RemoteStatus Other => _scene.Feed.Of("other");

    public async ValueTask DisposeAsync()
    {
        await _scene.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task The_source_whose_upload_was_broken_off_is_fed_first_whatever_the_order_of_sources()
    {
        var stamp = await FillAsync();
        var begun = (await _other.CatalogAsync()).Packs.Single(pack => pack.Name.To == _other.Newest).Name with { Stamp = stamp };
        _store.Begun = () => [begun.ToObjectName()];

        await _scene.StartAsync(_store);
        await _scene.UntilAsync(() => HasNewest(App, _scene.App) && HasNewest(Other, _other), "both sources there");

        Assert.Contains(begun.ToObjectName().ToString(), _store.Objects.Names);
        Assert.Single(_store.Objects.Names, name => name.Contains(begun.Pack.ToString(), StringComparison.Ordinal));
        Assert.Null(App.Trouble);
    }

    [Fact]
    public async Task Whatever_goes_wrong_while_broken_uploads_are_looked_for_the_feed_goes_on_and_says_so()
    {
        _ = await FillAsync();
        _store.Begun = static () => throw new InvalidOperationException("nobody thought of this");
        await _scene.StartAsync(_store);
        await _scene.UntilAsync(() => App.Trouble is { OverAt: null } && Other.Trouble is { OverAt: null }, "the trouble of both");
        Assert.Contains("nobody thought of this", App.Trouble!.Message, StringComparison.Ordinal);
        Assert.Contains("mistake in this program", App.Trouble.Hint, StringComparison.Ordinal);

        _store.Begun = static () => [];

        await _scene.UntilAsync(() => HasNewest(App, _scene.App) && HasNewest(Other, _other), "both sources there");
    }

    /// <summary>Both sources are there up to their second position, and one more is captured of each.</summary>
    /// <returns>What the process that did it would have put next, and was killed over.</returns>
    private async Task<WriterStamp> FillAsync()
    {
        await _scene.App.CaptureAtAsync(0, 1);
        await _other.CaptureAtAsync(0, 1);
        await _scene.MakeAsync(_store);
        await using var there = await _scene.OpenAsync(_store, Ct);
        foreach (var name in (string[])["app", "other"])
        {
            _ = await (await SyncScene.RunAsync(_scene.App, there)).ExecuteAsync(name, Ct);
        }

        _ = await FeedScene.CaptureAsync(_scene.App);
        _ = await FeedScene.CaptureAsync(_other);
        return there.Stamp;
    }

    private static bool HasNewest(RemoteStatus status, CompactionScene source) => status.Position == source.Newest.Transaction.Value;
}
