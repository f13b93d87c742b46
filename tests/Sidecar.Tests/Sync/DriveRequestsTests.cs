using BackupSidecar.Compaction;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Repository;
using BackupSidecar.Sync;
using BackupSidecar.Tests.Compaction;
using BackupSidecar.Tests.Store.GoogleDrive;
using Xunit;

namespace BackupSidecar.Tests.Sync;

/// <summary>What a repository in Google Drive costs in requests, over hours of a moved clock: as serve feeds it, with everything that compaction does there.</summary>
public sealed class DriveRequestsTests(ITestOutputHelper output)
{
    /// <summary>Of those that go over the wire: a batch of deletions is one.</summary>
    private const int RequestsAnHourMax = 150;

    private const int Hours = 3;
    private const int CapturesAMinute = 2;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_source_that_commits_all_the_time_takes_few_requests_an_hour_and_an_idle_one_none()
    {
        using var scene = new CompactionScene { Options = new CompactionOptions { CreateSpool = () => new MemoryStream() } };
        await using var drive = await DriveScene.StartAsync();
        var store = drive.Open();
        await scene.CaptureAtAsync(0);
        await using var there = await scene.OpenAsync(store);
        await there.TakeLeaseAsync(new LeaseHolder("a", "host", "1", scene.Time.GetUtcNow()), Ct);
        var options = new SyncOptions { Merge = scene.Options, Compaction = SourceUpkeep.OptionsOfRemote(new CompactionSettings(), openFilesMax: 1000, () => new MemoryStream()), DeleteGrace = TimeSpan.FromHours(1) };
        var run = new SyncRun(await BackupRepository.OpenForReadingAsync(scene.Store, Ct), there, options, scene.Time);
        await run.ExecuteAsync("app", Ct);

        var hours = new List<int>();
        for (var hour = 0; hour < Hours; hour++)
        {
            drive.Wire.Clear();
            for (var minute = 0; minute < 60; minute++)
            {
                var second = ((hour * 60) + minute) * 60;
                await scene.CaptureAtAsync(Enumerable.Range(1, CapturesAMinute).Select(part => second + (part * 60.0 / CapturesAMinute)));
                _ = await run.ExecuteAsync("app", Ct);
                _ = await run.TidyAsync(Ct);
                _ = await scene.CompactAsync();
            }

            hours.Add(drive.Wire.Sent.Count);
            output.WriteLine($"hour {hour + 1}: {drive.Wire.Sent.Count}: {ByKind(drive)}");
        }

        Assert.All(hours, count => Assert.InRange(count, 1, RequestsAnHourMax));
        // Nothing is captured any more. What is left to merge and to remove there ends.
        for (var quarter = 0; quarter < 4 * 72; quarter++)
        {
            scene.Time.Advance(TimeSpan.FromMinutes(15));
            _ = await run.TidyAsync(Ct);
        }

        Assert.Contains("files.delete", drive.Host.Requests.Counters().ByKind.Keys);
        drive.Wire.Clear();
        for (var quarter = 0; quarter < 4 * 24; quarter++)
        {
            scene.Time.Advance(TimeSpan.FromMinutes(15));
            _ = await run.ExecuteAsync("app", Ct);
            _ = await run.TidyAsync(Ct);
        }

        Assert.Empty(drive.Wire.Sent);
        var repository = await BackupRepository.OpenForReadingAsync(store, Ct);
        var catalog = await repository.ReadCatalogAsync(await repository.FindSourceAsync("app", Ct), Ct);
        await scene.AssertRebuildsAsync(catalog, scene.Newest, store);
    }

    private static string ByKind(DriveScene drive) => string.Join(", ", drive.Wire.Sent
        .Select(request => string.Join('/', request.Split('/').Where(part => part.Length < 20)))
        .GroupBy(kind => kind).OrderByDescending(group => group.Count())
        .Select(group => $"{group.Count()} {group.Key}"));
}
