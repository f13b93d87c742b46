using BackupSidecar.Compaction;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Repository;
using BackupSidecar.Sync;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using Xunit;

namespace BackupSidecar.Tests.Sync;

/// <summary>What is removed from a remote repository, and when, as serve does it: together once an hour, after a day, and read about once.</summary>
public sealed class RemoteRemovalTests : IAsyncLifetime
{
    private const int HoursOfCaptures = 3;

    private readonly CompactionScene _scene = new() { Options = new CompactionOptions { CreateSpool = () => new MemoryStream() } };
    private readonly MemoryStore _objects = new();
    private FaultyStore _remote = null!;
    private BackupRepository _there = null!;
    private SyncRun _run = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _remote = new FaultyStore(_objects, fault: null);
        await _scene.CaptureAtAsync(0);
        _there = await _scene.OpenAsync(_remote);
        var options = new SyncOptions { Merge = _scene.Options, Compaction = SourceUpkeep.OptionsOfRemote(new CompactionSettings(), openFilesMax: 1000, () => new MemoryStream()) };
        _run = new SyncRun(await BackupRepository.OpenForReadingAsync(_scene.Store, Ct), _there, options, _scene.Time);
    }

    public async ValueTask DisposeAsync()
    {
        await _there.DisposeAsync();
        _scene.Dispose();
    }

    [Fact]
    public async Task Removals_are_said_once_an_hour_and_read_once_however_often_the_repository_is_listed()
    {
        await CaptureForHoursAsync();

        var said = _remote.Log.Where(call => call.StartsWith("publish tombstones/", StringComparison.Ordinal)).ToList();
        Assert.InRange(said.Count, 1, HoursOfCaptures);
        var read = _remote.Log.Where(call => call.StartsWith("open tombstones/", StringComparison.Ordinal)).ToList();
        Assert.InRange(_remote.Log.Count(call => call.StartsWith("list tombstones/", StringComparison.Ordinal)), HoursOfCaptures, 10 * HoursOfCaptures);
        Assert.NotEmpty(read);
        Assert.Equal(read.Distinct(), read);
    }

    [Fact]
    public async Task A_restore_finds_for_a_day_what_was_listed_when_it_began()
    {
        await CaptureForHoursAsync();
        var (begun, listed) = (_scene.Time.GetUtcNow(), Packs());

        while (_scene.Time.GetUtcNow() < begun.AddHours(23.5))
        {
            _scene.Time.Advance(TimeSpan.FromMinutes(15));
            _ = await _run.TidyAsync(Ct);
        }

        // What was about to go by then may have gone; what was used by the newest position has not.
        Assert.Subset(Packs().ToHashSet(), _lasting.ToHashSet());
        _scene.Time.Advance(TimeSpan.FromHours(4));
        _ = await _run.TidyAsync(Ct);
        Assert.True(Packs().Count < listed.Count, $"{listed.Count} packs, and {Packs().Count} after more than a day");
    }

    private List<string> _lasting = [];

    private List<string> Packs() => [.. _objects.Names.Where(name => name.StartsWith("packs/", StringComparison.Ordinal))];

    private async Task CaptureForHoursAsync()
    {
        for (var minute = 0; minute < HoursOfCaptures * 60; minute++)
        {
            await _scene.CaptureAtAsync((minute * 60) + 20, (minute * 60) + 50);
            _ = await _run.ExecuteAsync("app", Ct);
            _ = await _run.TidyAsync(Ct);
            _ = await _scene.CompactAsync();
        }

        var catalog = await _scene.CatalogAsync(_objects);
        _lasting = [.. catalog.ChainTo(_scene.Newest).NewestFirst.Select(pack => pack.Name.ToString())];
    }
}
