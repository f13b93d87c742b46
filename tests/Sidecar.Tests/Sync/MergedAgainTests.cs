using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using Xunit;
using static BackupSidecar.Tests.Sync.SyncScene;

namespace BackupSidecar.Tests.Sync;

/// <summary>What is merged twice for a remote repository, because nobody saw the first put end, is the same object.</summary>
public sealed class MergedAgainTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_merge_is_the_same_object_with_the_same_bytes()
    {
        using var scene = new CompactionScene();
        var remote = new MemoryStore();
        await scene.CaptureAtAsync(0, 1, 2, 3);
        await SyncAsync(scene, remote);
        var pack = PackIn(remote);
        var bytes = remote.Read(pack);

        // As for the next process, whose predecessor's last request is still on its way.
        remote.Remove(pack);
        await SyncAsync(scene, remote);

        Assert.Equal(pack, PackIn(remote));
        Assert.Equal(bytes, remote.Read(pack));
    }

    [Fact]
    public async Task Another_merge_to_the_same_position_is_another_object()
    {
        using var scene = new CompactionScene();
        var remote = new MemoryStore();
        await scene.CaptureAtAsync(0, 1, 2, 3, 11);
        await SyncAsync(scene, remote);
        var pack = PackIn(remote);

        remote.Remove(pack);
        scene.Time.SetUtcNow(CompactionScene.Noon.AddSeconds(20));
        var merged = await scene.CompactAsync();
        await SyncAsync(scene, remote);

        Assert.True(merged.PacksMerged > 0);
        Assert.NotEqual(pack, PackIn(remote));
    }

    [Fact]
    public async Task An_id_that_a_tombstone_names_is_not_used_again()
    {
        using var scene = new CompactionScene();
        var remote = new MemoryStore();
        await scene.CaptureAtAsync(0, 1, 2, 3);
        await SyncAsync(scene, remote);
        var pack = PackIn(remote);
        await using (var there = await scene.OpenAsync(remote))
        {
            _ = PackName.TryParse(ObjectName.Parse(pack), out var name);
            _ = await there.PublishTombstoneAsync(name.Source, [name], scene.Time.GetUtcNow(), Ct);
        }

        // As after a kill between the two deletions at the end of its grace.
        remote.Remove(pack);
        await SyncAsync(scene, remote);

        Assert.NotEqual(pack, PackIn(remote));
        var catalog = await CatalogOfAsync(remote);
        await scene.AssertRebuildsAsync(catalog, scene.Newest, remote);
    }

    private static string PackIn(MemoryStore remote) => Assert.Single(remote.Names, name => name.StartsWith("packs/", StringComparison.Ordinal));
}
