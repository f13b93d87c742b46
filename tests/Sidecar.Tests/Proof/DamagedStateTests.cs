using BackupSidecar.Restore;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.Tests.Proof;

/// <summary>The local state is torn, damaged, stale or somebody else's. The next backup is right all the same.</summary>
public sealed class DamagedStateTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_byte_of_the_table_may_be_flipped()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var scene = await SceneAsync();
        var table = await File.ReadAllBytesAsync(TableOf(scene), TestContext.Current.CancellationToken);
        for (var offset = 0; offset < table.Length; offset++)
        {
            var damaged = (byte[])table.Clone();
            damaged[offset] ^= (byte)random.Next(1, 256);
            await AssertNextBackupIsRightAsync(scene, damaged);
        }
    }

    [Fact]
    public async Task The_table_may_be_cut_lengthened_or_replaced_by_garbage()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var scene = await SceneAsync();
        var table = await File.ReadAllBytesAsync(TableOf(scene), TestContext.Current.CancellationToken);
        for (var length = 0; length < table.Length; length += random.Next(1, 24))
        {
            await AssertNextBackupIsRightAsync(scene, table[..length]);
            await AssertNextBackupIsRightAsync(scene, [.. table[..length], .. new byte[table.Length - length]]);
        }

        var garbage = new byte[table.Length];
        random.NextBytes(garbage);
        await AssertNextBackupIsRightAsync(scene, garbage);
        await AssertNextBackupIsRightAsync(scene, [.. table, 0]);
        await AssertNextBackupIsRightAsync(scene, [.. table, .. table]);
    }

    [Theory]
    [InlineData("missing", "the local state was missing")]
    [InlineData("damaged", "the local state was damaged")]
    [InlineData("lost pack", "the local state is of position 2 ")]
    public async Task The_reason_of_a_new_timeline_is_the_true_one(string what, string reason)
    {
        using var scene = await SceneAsync();
        switch (what)
        {
            case "missing":
                scene.DeleteState();
                break;
            case "damaged":
                await File.WriteAllBytesAsync(TableOf(scene), new byte[100], TestContext.Current.CancellationToken);
                break;
            default:
                scene.Store.Remove(scene.Acknowledged[^1].Manifest.Pack.Name.ToString());
                break;
        }

        var result = await scene.BackupAsync();

        Assert.StartsWith(reason, result.NewTimelineReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_of_an_older_position_is_not_used()
    {
        using var scene = new ProofScene();
        scene.Execute(ProofScene.Create);
        await scene.BackupAsync();
        var older = await File.ReadAllBytesAsync(TableOf(scene), TestContext.Current.CancellationToken);
        scene.Execute(ProofScene.Change);
        await scene.BackupAsync();
        scene.Execute(ProofScene.Change);
        scene.Remember();
        await AssertNextBackupIsRightAsync(scene, older);
    }

    [Fact]
    public async Task A_table_of_a_newer_position_than_the_repository_is_not_used()
    {
        using var scene = new ProofScene();
        scene.Execute(ProofScene.Create);
        await scene.BackupAsync();
        scene.Remember();
        scene.Execute(ProofScene.Change);
        await scene.BackupAsync();
        var newer = await File.ReadAllBytesAsync(TableOf(scene), TestContext.Current.CancellationToken);

        // The repository was put back to an older copy, as a restore of its volume does.
        scene.Execute(ProofScene.Change);
        await AssertNextBackupIsRightAsync(scene, newer);
    }

    [Fact]
    public async Task A_table_of_another_repository_is_not_used()
    {
        using var scene = await SceneAsync();
        using var other = await SceneAsync();
        await AssertNextBackupIsRightAsync(scene, await File.ReadAllBytesAsync(TableOf(other), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_a_killed_run_left_beside_the_table_does_no_harm()
    {
        using var scene = await SceneAsync();
        scene.GoBack();
        var table = TableOf(scene);
        await File.WriteAllBytesAsync(table + ".new", new byte[100_000], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.ChangeExtension(table, ".index"), new byte[100_000], TestContext.Current.CancellationToken);

        await scene.BackupAsync();
        await scene.AssertWholeAsync();
        Assert.Equal([table], Directory.GetFiles(Path.GetDirectoryName(table)!));
    }

    private static async Task<ProofScene> SceneAsync()
    {
        var scene = new ProofScene();
        scene.Execute("PRAGMA page_size=512; CREATE TABLE t(id INTEGER PRIMARY KEY, body); INSERT INTO t VALUES(5, randomblob(900)), (10, 'ten');");
        await scene.BackupAsync();
        scene.Execute("UPDATE t SET body = 'x' WHERE id = 10;");
        await scene.BackupAsync();
        scene.Execute("UPDATE t SET body = randomblob(700) WHERE id = 5;");
        scene.Remember();
        return scene;
    }

    private static string TableOf(ProofScene scene) => Assert.Single(Directory.GetFiles(scene.State, "*.hashes", SearchOption.AllDirectories));

    private static async Task AssertNextBackupIsRightAsync(ProofScene scene, byte[] table)
    {
        scene.GoBack();
        await File.WriteAllBytesAsync(TableOf(scene), table, TestContext.Current.CancellationToken);
        var result = await scene.BackupAsync();
        Assert.True(result.Manifest.Changed);
        ProofScene.AssertEqual(scene.Acknowledged[^1].Database, await scene.RestoreAsync(RestoreChoice.Newest));
        Assert.Empty((await scene.VerifyAsync()).Findings);
    }
}
