using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Store;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing;
using BackupSidecar.Verify;
using Xunit;

namespace BackupSidecar.Tests.Proof;

/// <summary>Real file systems that are full: as repository, as state directory, as target of a restore.</summary>
public sealed class FullDiskTests
{
    private const int Small = 64 << 10;
    private const int Large = 8 << 20;

    /// <summary>About half a megabyte that does not compress, in pages so small that the local state does not fit either.</summary>
    private const string Create =
        "PRAGMA page_size=512; CREATE TABLE t(id INTEGER PRIMARY KEY, body);"
        + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) INSERT INTO t SELECT i, randomblob(2500) FROM n;";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_repository_shows_nothing_half_done_and_works_again_with_space()
    {
        using var scene = new ProofScene();
        using var disk = Mount(scene, "repository", Small);
        var store = new FileSystemStore(disk.Directory);
        scene.Execute("PRAGMA page_size=512; CREATE TABLE t(id INTEGER PRIMARY KEY, body); INSERT INTO t VALUES(1, 'one');");
        await scene.BackupAsync(store);
        scene.Execute(Create.Replace("CREATE TABLE t(id INTEGER PRIMARY KEY, body);", "DELETE FROM t;", StringComparison.Ordinal));

        AssertClear(await Assert.ThrowsAsync<StoreException>(() => scene.BackupAsync(store)), disk.Directory, "no space left");

        await scene.AssertWholeAsync(store);
        Assert.Empty(Directory.GetFiles(Path.Combine(disk.Directory, ".staging")));
        disk.Resize(Large);
        await scene.BackupAsync(store);
        await scene.AssertWholeAsync(store);
    }

    [Fact]
    public async Task A_repository_without_room_for_its_first_object_works_again_with_space()
    {
        using var scene = new ProofScene();
        using var disk = Mount(scene, "repository", 4096);
        var store = new FileSystemStore(disk.Directory);
        scene.Execute(Create);

        AssertClear(await Assert.ThrowsAsync<StoreException>(() => scene.BackupAsync(store)), disk.Directory, "no space left");

        disk.Resize(Large);
        await scene.BackupAsync(store);
        await scene.AssertWholeAsync(store);
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(16 << 10)]
    [InlineData(40 << 10)]
    public async Task A_full_state_directory_publishes_nothing_half_done_and_works_again_with_space(int sizeBytes)
    {
        using var scene = new ProofScene();
        using var disk = Mount(scene, "state", sizeBytes);
        scene.Execute(Create);

        await BackupIntoFullStateAsync(scene, disk);
        disk.Resize(Large);
        await scene.BackupAsync();
        scene.Execute("UPDATE t SET body = randomblob(100) WHERE id % 9 = 0;");
        await scene.BackupAsync();
        await scene.AssertWholeAsync();
    }

    [Fact]
    public async Task A_state_directory_without_room_for_a_rebuilt_table_works_again_with_space()
    {
        using var scene = new ProofScene();
        scene.Execute(Create);
        await scene.BackupAsync();
        scene.DeleteState();
        using var disk = Mount(scene, "state", 16 << 10);
        scene.Execute("UPDATE t SET body = randomblob(100) WHERE id % 9 = 0;");

        await BackupIntoFullStateAsync(scene, disk);
        disk.Resize(Large);
        await scene.BackupAsync();
        await scene.AssertWholeAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    [InlineData(Small)]
    public async Task A_full_target_leaves_nothing_and_works_again_with_space(int leftBytes)
    {
        using var scene = new ProofScene();
        scene.Execute(Create);
        await scene.BackupAsync();
        using var disk = Mount(scene, "target", Small);
        var filler = Path.Combine(disk.Directory, "filler");
        await File.WriteAllBytesAsync(filler, new byte[Small - leftBytes], Ct);
        var target = Path.Combine(disk.Directory, "app.db");

        AssertClear(await Assert.ThrowsAnyAsync<OperatorException>(() => RestoreAsync(scene, target)), target, "");

        Assert.Equal([filler], Directory.GetFileSystemEntries(disk.Directory));
        disk.Resize(Large);
        await RestoreAsync(scene, target);
        ProofScene.AssertEqual(scene.Acknowledged[0].Database, await File.ReadAllBytesAsync(target, Ct));
    }

    [Fact]
    public async Task An_old_database_is_untouched_by_a_restore_over_it_that_has_no_room()
    {
        using var scene = new ProofScene();
        scene.Execute(Create);
        await scene.BackupAsync();
        using var disk = Mount(scene, "target", Small);
        var target = Path.Combine(disk.Directory, "app.db");
        scene.Execute("CREATE TABLE old(x); INSERT INTO old VALUES(1);", target);
        var old = await File.ReadAllBytesAsync(target, Ct);

        AssertClear(await Assert.ThrowsAnyAsync<OperatorException>(() => RestoreAsync(scene, target)), target, "");

        Assert.Equal([target], Directory.GetFileSystemEntries(disk.Directory));
        ProofScene.AssertEqual(old, await File.ReadAllBytesAsync(target, Ct));
        disk.Resize(Large);
        await RestoreAsync(scene, target);
        ProofScene.AssertEqual(scene.Acknowledged[0].Database, await File.ReadAllBytesAsync(target, Ct));
    }

    [Fact]
    public async Task A_drill_without_room_is_no_proof()
    {
        using var scene = new ProofScene();
        scene.Execute(Create);
        await scene.BackupAsync();
        using var disk = Mount(scene, "scratch", Small);
        var repository = await BackupRepository.OpenForReadingAsync(scene.Store, Ct);
        VerifyRun NewRun() => new(repository, new VerifyOptions { Level = VerifyLevel.Drill, ScratchDirectory = disk.Directory }, scene.Time, progress: null);

        var result = await NewRun().ExecuteAsync(Ct);

        Assert.False(result.IsProved);
        Assert.False(result.IsDamaged, "Nothing is said of what is stored.");
        Assert.Empty(Directory.GetFileSystemEntries(disk.Directory));
        disk.Resize(Large);
        Assert.True((await NewRun().ExecuteAsync(Ct)).IsProved);
    }

    [Fact]
    public async Task A_drill_in_a_place_that_is_not_there_says_so()
    {
        using var scene = new ProofScene();
        scene.Execute(ProofScene.Create);
        await scene.BackupAsync();
        var missing = Path.Combine(scene.Database, "no-directory");
        var repository = await BackupRepository.OpenForReadingAsync(scene.Store, Ct);
        var run = new VerifyRun(repository, new VerifyOptions { Level = VerifyLevel.Drill, ScratchDirectory = missing }, scene.Time, progress: null);

        AssertClear(await Assert.ThrowsAsync<OperatorException>(async () => await run.ExecuteAsync(Ct)), missing, "");
    }

    private static SizeLimitedMount Mount(ProofScene scene, string name, long sizeBytes)
    {
        var mount = SizeLimitedMount.TryCreate(scene.Volume.Elsewhere(name), sizeBytes);
        Assert.SkipWhen(mount is null, "This process may not mount a file system of limited size.");
        return mount;
    }

    /// <summary>The backup fails with a clear error, or exists and warns that the state could not be kept.</summary>
    private static async Task BackupIntoFullStateAsync(ProofScene scene, SizeLimitedMount disk)
    {
        try
        {
            Assert.Contains((await scene.BackupAsync()).Warnings, warning => warning.Contains("local state", StringComparison.Ordinal));
        }
        catch (OperatorException e)
        {
            AssertClear(e, disk.Directory, "No space left");
        }

        if (scene.Acknowledged.Count > 0)
        {
            await scene.AssertWholeAsync();
        }

        Assert.DoesNotContain(Directory.GetFiles(disk.Directory, "*", SearchOption.AllDirectories), path => !path.EndsWith(".hashes", StringComparison.Ordinal));
    }

    private static void AssertClear(OperatorException e, string where, string what)
    {
        Assert.Contains(where, e.Message, StringComparison.Ordinal);
        Assert.Contains(what, e.Message, StringComparison.Ordinal);
        Assert.NotEqual("", e.Hint);
    }

    private static async Task RestoreAsync(ProofScene scene, string target)
    {
        var repository = await BackupRepository.OpenForReadingAsync(scene.Store, Ct);
        var options = new RestoreOptions { OutputPath = target, Overwrite = true, AppIsStopped = true, SqliteChecks = false };
        await new RestoreRun(repository, options, TimeProvider.System, progress: null).ExecuteAsync(Ct);
    }
}
