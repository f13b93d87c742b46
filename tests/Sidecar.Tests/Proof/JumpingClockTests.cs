using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using Xunit;

namespace BackupSidecar.Tests.Proof;

/// <summary>The clock jumps by years in both directions between backups. Order comes from positions, never from time.</summary>
public sealed class JumpingClockTests
{
    private static readonly TimeSpan[] Jumps =
    [
        TimeSpan.FromDays(-365 * 5), TimeSpan.FromDays(365 * 40), TimeSpan.FromSeconds(-61), TimeSpan.FromDays(-365 * 30), TimeSpan.Zero, TimeSpan.FromDays(365 * 7000), TimeSpan.FromDays(-365 * 6999),
    ];

    [Fact]
    public async Task Positions_stay_in_order_and_each_backup_is_found_by_its_time()
    {
        using var scene = new ProofScene();
        scene.Execute(ProofScene.Create);
        await scene.BackupAsync();
        foreach (var jump in Jumps)
        {
            scene.Time.AdjustTime(scene.Time.GetUtcNow() + jump);
            scene.Execute(ProofScene.Change);
            var result = await scene.BackupAsync();

            Assert.Null(result.NewTimelineReason);
            Assert.Equal(scene.Acknowledged[^2].Manifest.Position.Transaction.Next(), result.Manifest.Position.Transaction);
            ProofScene.AssertEqual(scene.Acknowledged[^1].Database, await scene.RestoreAsync(RestoreChoice.Newest));
        }

        await scene.AssertWholeAsync();
        foreach (var backup in scene.Acknowledged)
        {
            ProofScene.AssertEqual(backup.Database, await scene.RestoreAsync(At(backup.Manifest.CreatedAt)));
            ProofScene.AssertEqual(backup.Database, await scene.RestoreAsync(At(backup.Manifest.CreatedAt.AddSeconds(0.5))));
        }

        var earliest = scene.Acknowledged.Min(backup => backup.Manifest.CreatedAt);
        await Assert.ThrowsAsync<OperatorException>(() => scene.RestoreAsync(At(earliest.AddSeconds(-1))));
    }

    [Fact]
    public async Task A_backup_without_a_change_after_a_jump_back_is_the_newest_of_its_position()
    {
        using var scene = new ProofScene();
        scene.Execute(ProofScene.Create);
        await scene.BackupAsync(label: "before");
        scene.Time.AdjustTime(ProofScene.Start.AddYears(-3));
        var kept = await scene.BackupAsync(label: "after");

        Assert.False(kept.Manifest.Changed);
        Assert.Equal(scene.Acknowledged[0].Manifest.Position, kept.Manifest.Position);
        scene.Execute(ProofScene.Change);
        var next = await scene.BackupAsync();
        Assert.Null(next.NewTimelineReason);
        Assert.Null(next.Manifest.Parent);
        ProofScene.AssertEqual(scene.Acknowledged[1].Database, await scene.RestoreAsync(new RestoreChoice(null, "after", null, null)));
        await scene.AssertWholeAsync();
    }

    [Fact]
    public async Task A_clock_at_its_very_beginning_does_no_harm()
    {
        using var scene = new ProofScene();
        scene.Time.AdjustTime(DateTimeOffset.UnixEpoch.AddMinutes(-1));
        scene.Execute(ProofScene.Create);
        await scene.BackupAsync();
        Assert.Equal(0, UtcMicroseconds.From(scene.Acknowledged[0].Manifest.CreatedAt));
        await scene.AssertWholeAsync();
    }

    private static RestoreChoice At(DateTimeOffset time) => new(null, null, null, time);
}
