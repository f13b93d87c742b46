using Xunit;

namespace BackupSidecar.Tests.Proof;

/// <summary>A timeline names the position that it branched off, also when the run that began it was killed before its manifest.</summary>
public sealed class ParentTests
{
    public static TheoryData<BackupSituation> Situations => [.. Enum.GetValues<BackupSituation>()];

    [Theory]
    [MemberData(nameof(Situations))]
    public async Task The_parent_of_a_timeline_is_an_earlier_position_of_another_one(BackupSituation situation)
    {
        using var scene = new ProofScene();
        await BackupSituations.PrepareAsync(scene, situation);
        await scene.BackupAsync();
        scene.Execute(ProofScene.Change);
        await scene.BackupAsync();

        foreach (var manifest in scene.Acknowledged.Select(backup => backup.Manifest))
        {
            Assert.NotEqual(manifest.Position.Timeline, manifest.Parent?.Timeline);
            Assert.True(manifest.Parent is null || manifest.Parent.Value.Transaction < manifest.Position.Transaction);
        }
    }

    [Fact]
    public async Task The_first_timeline_has_no_parent_although_its_first_run_was_killed()
    {
        using var scene = new ProofScene();
        scene.Execute(ProofScene.Create);
        await BackupSituations.KillAfterPackAsync(scene);

        Assert.Null((await scene.BackupAsync()).Manifest.Parent);
    }
}
