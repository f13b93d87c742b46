using BackupSidecar.Restore;
using Xunit;

namespace BackupSidecar.Tests.Proof;

/// <summary>A repository that lost something takes new backups all the same, and says what it lost.</summary>
public sealed class DamagedRepositoryTests
{
    [Theory]
    [InlineData("manifests/", true)]
    [InlineData("manifests/", false)]
    [InlineData("packs/", true)]
    [InlineData("packs/", false)]
    public async Task A_damaged_newest_object_does_not_stop_the_next_backup(string folder, bool keepsState)
    {
        using var scene = await SceneAsync();
        var newest = scene.Store.Names.Last(name => name.StartsWith(folder, StringComparison.Ordinal));
        scene.Store.Flip(newest, scene.Store.Read(newest).Length - 40, 1);
        if (!keepsState)
        {
            scene.DeleteState();
        }

        var result = await scene.BackupAsync();

        Assert.NotEmpty(result.Doubts);
        ProofScene.AssertEqual(scene.Acknowledged[^1].Database, await scene.RestoreAsync(RestoreChoice.Newest));
        ProofScene.AssertEqual(scene.Acknowledged[0].Database, await scene.RestoreAsync(scene.Acknowledged[0].Manifest.Position));
    }

    [Fact]
    public async Task A_missing_pack_in_the_middle_leads_to_a_new_full()
    {
        using var scene = await SceneAsync();
        scene.Store.Remove(scene.Acknowledged[1].Manifest.Pack.Name.ToString());

        var result = await scene.BackupAsync();

        Assert.NotEmpty(result.Doubts);
        Assert.True(result.Manifest.Pack.Name.IsFull || result.Manifest.Pack.Name.From == scene.Acknowledged[0].Manifest.Position);
        Assert.True(result.Manifest.Position.Transaction > scene.Acknowledged[2].Manifest.Position.Transaction);
        ProofScene.AssertEqual(scene.Acknowledged[^1].Database, await scene.RestoreAsync(RestoreChoice.Newest));
    }

    private static async Task<ProofScene> SceneAsync()
    {
        var scene = new ProofScene();
        scene.Execute(ProofScene.Create);
        for (var backup = 0; backup < 3; backup++)
        {
            await scene.BackupAsync();
            scene.Execute(ProofScene.Change);
        }

        return scene;
    }
}
