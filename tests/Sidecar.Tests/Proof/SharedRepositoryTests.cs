using BackupSidecar.Backup;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Store;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing;
using BackupSidecar.Testing.Store;
using BackupSidecar.Verify;
using Xunit;

namespace BackupSidecar.Tests.Proof;

/// <summary>Two runs, two sources, two databases of one name.</summary>
public sealed class SharedRepositoryTests
{
    private const string Table = "CREATE TABLE t(id INTEGER PRIMARY KEY, body); INSERT INTO t VALUES(1, randomblob(3000));";
    private const string Change = "UPDATE t SET body = randomblob(3000);";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_run_is_told_who_holds_the_repository_and_does_no_harm()
    {
        using var scene = new ProofScene();
        var directory = scene.Volume.Elsewhere("repository");
        scene.Execute(ProofScene.Create);
        await scene.BackupAsync(new FileSystemStore(directory));
        scene.Execute(ProofScene.Change);
        Task? second = null;

        // The first one goes on when the second has its answer: else it might be gone by then.
        await scene.BackupAsync(new FileSystemStore(directory), progress: new Once(() =>
        {
            second = scene.BackupAsync(new FileSystemStore(directory));
            _ = ((IAsyncResult)second).AsyncWaitHandle.WaitOne();
        }));

        var refused = await Assert.ThrowsAsync<StoreLockedException>(() => second!);
        Assert.Contains("the proof", refused.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Locked, refused.Kind);
        Assert.Equal(2, scene.Acknowledged.Count);
        await scene.AssertWholeAsync(new FileSystemStore(directory));
    }

    [Fact]
    public async Task Restores_and_verifications_run_beside_a_backup()
    {
        using var scene = new ProofScene();
        var directory = scene.Volume.Elsewhere("repository");
        scene.Execute(ProofScene.Create);
        await scene.BackupAsync(new FileSystemStore(directory));
        scene.Execute(ProofScene.Change);
        Task? beside = null;

        await scene.BackupAsync(new FileSystemStore(directory), progress: new Once(() => beside = scene.AssertWholeAsync(new FileSystemStore(directory))));

        await beside!;
        await scene.AssertWholeAsync(new FileSystemStore(directory));
    }

    [Fact]
    public async Task Two_sources_share_a_repository()
    {
        using var scene = new ProofScene();
        var (orders, users) = (Path.Combine(scene.Volume.Data, "orders.db"), Path.Combine(scene.Volume.Data, "users.db"));
        scene.Execute(Table, orders);
        scene.Execute(Table, users);
        var copies = new List<(string Source, BackupManifest Manifest, byte[] Bytes)>();
        for (var round = 0; round < 3; round++)
        {
            foreach (var path in (string[])[orders, users])
            {
                var result = await BackupAsync(scene, path);
                copies.Add((Path.GetFileNameWithoutExtension(path), result.Manifest, await File.ReadAllBytesAsync(path, Ct)));
                scene.Execute(Change, path);
            }
        }

        Assert.All(copies.GroupBy(copy => copy.Source), source => Assert.Single(source.Select(copy => copy.Manifest.Position.Timeline).Distinct()));
        foreach (var (source, manifest, bytes) in copies)
        {
            ProofScene.AssertEqual(bytes, await RestoreAsync(scene, source, manifest.BackupId.ToString()));
        }

        var unnamed = await Assert.ThrowsAsync<OperatorException>(() => RestoreAsync(scene, null, copies[0].Manifest.BackupId.ToString()));
        Assert.Contains("orders, users", unnamed.Hint, StringComparison.Ordinal);
        var verified = await scene.VerifyAsync(level: VerifyLevel.Drill);
        Assert.Empty(verified.Findings);
        Assert.Equal((2, 6, 6, 2), (verified.Coverage.Sources, verified.Coverage.Manifests, verified.Coverage.Packs, verified.Coverage.Drills));
    }

    [Fact]
    public async Task A_damaged_record_of_one_source_does_not_keep_the_other_from_being_verified()
    {
        using var scene = new ProofScene();
        var (orders, users) = (Path.Combine(scene.Volume.Data, "orders.db"), Path.Combine(scene.Volume.Data, "users.db"));
        scene.Execute(Table, orders);
        scene.Execute(Table, users);
        await BackupAsync(scene, orders);
        await BackupAsync(scene, users);
        scene.Store.Flip("sources/orders.json", 20, 1);

        var verified = await scene.VerifyAsync();

        Assert.False(verified.IsProved);
        Assert.Equal(1, verified.Coverage.Packs);
        Assert.Contains(verified.Findings, finding => finding.Object == "sources/orders.json");
    }

    [Fact]
    public async Task Backups_whose_source_record_is_gone_are_a_finding()
    {
        using var scene = new ProofScene();
        scene.Execute(ProofScene.Create);
        await scene.BackupAsync();
        scene.Store.Remove("sources/app.json");

        var verified = await scene.VerifyAsync();

        Assert.False(verified.IsProved);
        Assert.Contains(scene.Acknowledged[0].Manifest.Source.Id.ToString(), Assert.Single(verified.Findings).Object, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_databases_of_one_default_name_are_an_error()
    {
        using var scene = new ProofScene();
        var (one, other) = (Path.Combine(scene.Volume.Data, "app.db"), Path.Combine(scene.Volume.Data, "other", "app.db"));
        Directory.CreateDirectory(Path.GetDirectoryName(other)!);
        scene.Execute(Table, one);
        scene.Execute(Table, other);
        await BackupAsync(scene, one);
        var names = scene.Store.Names;

        var refused = await Assert.ThrowsAsync<OperatorException>(() => BackupAsync(scene, other));
        Assert.Contains(one, refused.Message, StringComparison.Ordinal);
        Assert.Contains("--source", refused.Hint, StringComparison.Ordinal);
        Assert.Contains("still exists", (await Assert.ThrowsAsync<OperatorException>(() => BackupAsync(scene, other, "app"))).Message, StringComparison.Ordinal);
        Assert.Equal(names, scene.Store.Names);

        await BackupAsync(scene, other, "other");
        Assert.Empty((await scene.VerifyAsync()).Findings);
    }

    [Fact]
    public async Task A_moved_database_goes_on_under_its_name()
    {
        using var scene = new ProofScene();
        scene.Execute(Table);
        await scene.BackupAsync();
        var moved = Path.Combine(Directory.CreateDirectory(Path.Combine(scene.Volume.Data, "moved")).FullName, "app.db");
        File.Move(scene.Database, moved);
        scene.Execute(Change, moved);

        await Assert.ThrowsAsync<OperatorException>(() => BackupAsync(scene, moved));
        var result = await BackupAsync(scene, moved, "app");

        Assert.Equal((scene.Acknowledged[0].Manifest.Position.Timeline, moved), (result.Manifest.Position.Timeline, result.Manifest.Source.Path));
        ProofScene.AssertEqual(await File.ReadAllBytesAsync(moved, Ct), await scene.RestoreAsync(RestoreChoice.Newest));
        await BackupAsync(scene, moved);
    }

    private static async Task<BackupResult> BackupAsync(ProofScene scene, string path, string? source = null)
    {
        scene.Time.Advance(TimeSpan.FromMinutes(1));
        await using var repository = await BackupRepository.OpenForWritingAsync(scene.Store, "the proof", createIfMissing: true, scene.Time, Ct);
        return await new BackupRun(repository, new BackupOptions { DatabasePath = path, SourceName = source, StateDirectory = scene.State }, scene.Time, progress: null).ExecuteAsync(Ct);
    }

    private static async Task<byte[]> RestoreAsync(ProofScene scene, string? source, string backup)
    {
        var path = scene.Volume.Elsewhere("restored.db");
        File.Delete(path);
        var repository = await BackupRepository.OpenForReadingAsync(scene.Store, Ct);
        var options = new RestoreOptions { OutputPath = path, SourceName = source, Choice = new RestoreChoice(backup, null, null, null) };
        await new RestoreRun(repository, options, TimeProvider.System, progress: null).ExecuteAsync(Ct);
        return await File.ReadAllBytesAsync(path, Ct);
    }

    private sealed class Once(Action action) : IProgress<ProgressReport>
    {
        private bool _done;

        public void Report(ProgressReport value)
        {
            if (!_done)
            {
                _done = true;
                action();
            }
        }
    }
}
