using BackupSidecar.Following;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Logging;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Repository;
using BackupSidecar.Testing;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

public sealed class SourceUpkeepTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(int.MaxValue, 30)]
    [InlineData(20, 5)]
    [InlineData(1, 2)]
    public async Task A_merge_opens_a_quarter_of_the_files_that_the_process_may_open(int openFilesMax, int inputsMax)
    {
        using var scene = new CompactionScene();
        await scene.CaptureAtAsync(Enumerable.Range(0, 31).Select(number => number == 0 ? 0.0 : 60 + number));
        scene.Time.SetUtcNow(CompactionScene.Noon.AddMinutes(3));
        var store = new FaultyStore(scene.Store.Another(), fault: null);
        await using var log = new SharedText();
        using var state = new ScratchDirectory();

        await using (var repository = await scene.OpenAsync(store))
        {
            _ = Directory.CreateDirectory(state.Join(repository.Id.ToString()));
            using var backups = new BackupKeeping(repository, TimeSpan.FromDays(7), scene.Time);
            var stored = new StoredAmounts();
            _ = await new SourceUpkeep(repository, backups, state.FullPath, new CompactionSettings(), openFilesMax, stored.Set, new LineLogger(log, new LogOptions(), scene.Time), scene.Time).RunAsync("app", Ct);
            var catalog = await repository.ReadCatalogAsync(await repository.FindSourceAsync("app", Ct), Ct);
            Assert.Equal(new StoredAmount(catalog.Packs.Sum(pack => pack.Length), catalog.Packs.Count, 0, catalog.RestorePoints().Count(), scene.Time.GetUtcNow()), stored.Of("app"));
        }

        // Before a merged pack is staged all its inputs are opened; one more may have been looked at and closed before them.
        var packs = store.Log.Where(call => call.StartsWith("open packs/", StringComparison.Ordinal) || call.StartsWith("stage packs/", StringComparison.Ordinal));
        var (opened, most) = (0, 0);
        foreach (var call in packs)
        {
            opened = call.StartsWith("open", StringComparison.Ordinal) ? opened + 1 : 0;
            most = Math.Max(most, opened);
        }

        Assert.InRange(most, inputsMax, inputsMax + 1);
        await scene.AssertRestoresAsync([scene.Newest]);
    }

    /// <summary>A run just after a full quarter of an hour sees nothing in the new one that could be merged, and nothing to do for an hour if that is all.</summary>
    [Fact]
    public async Task What_is_captured_after_a_run_is_merged_when_its_minute_is_over()
    {
        using var scene = new CompactionScene();
        await scene.CaptureAtAsync(Enumerable.Range(0, 31).Select(second => (14 * 60.0) + second));
        scene.Time.SetUtcNow(CompactionScene.Noon.AddMinutes(15).AddSeconds(0.5));
        await using var log = new SharedText();
        using var state = new ScratchDirectory();
        await using var repository = await scene.OpenAsync(scene.Store);
        _ = Directory.CreateDirectory(state.Join(repository.Id.ToString()));
        using var backups = new BackupKeeping(repository, TimeSpan.FromDays(7), scene.Time);
        var upkeep = new SourceUpkeep(repository, backups, state.FullPath, new CompactionSettings(), int.MaxValue, (_, _) => { }, new LineLogger(log, new LogOptions(), scene.Time), scene.Time);

        var next = await upkeep.RunAsync("app", Ct);

        Assert.Equal(CompactionScene.Noon.AddMinutes(16), next.AtIfCaptured);
        Assert.True(next.At > CompactionScene.Noon.AddMinutes(60));
    }
}
