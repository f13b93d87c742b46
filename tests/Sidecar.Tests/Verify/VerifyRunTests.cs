using BackupSidecar.Chain;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Tests.Compaction;
using BackupSidecar.Verify;
using Xunit;

namespace BackupSidecar.Tests.Verify;

/// <summary>What a damaged pack takes with it is named, and what it leaves.</summary>
public sealed class VerifyRunTests : IDisposable
{
    /// <summary>Behind the header, in the first block.</summary>
    private const int InFirstBlock = 300;

    private readonly CompactionScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_damaged_full_names_every_backup_that_needs_it_and_says_that_the_newest_does_not()
    {
        await NameThreeAsync();
        _scene.Time.Advance(TimeSpan.FromSeconds(1));
        _ = await _scene.CaptureAsync(Position.None, TimelineId.New());
        await _scene.NameAsync();
        var manifests = (await _scene.CatalogAsync()).Manifests;
        var full = await DamageFullAsync();

        var verified = await _scene.VerifyAsync();

        var named = verified.Findings.Where(finding => finding.Problem.EndsWith($"cannot be restored: its chain needs pack {full}, which is damaged", StringComparison.Ordinal)).ToList();
        Assert.Equal(manifests.Take(3).Select(entry => entry.Name.ToString()), named.Select(finding => finding.Object));
        Assert.All(named, finding => Assert.Equal(VerifyFindingKind.Damage, finding.Kind));
        Assert.Equal(1, verified.Coverage.Positions);
        Assert.Contains(verified.Findings, finding => finding is { Object: "source app", Problem: "its newest position, 4, needs no pack that is damaged", Kind: VerifyFindingKind.Note });
        await _scene.AssertRestoresAsync([_scene.Newest]);
    }

    [Fact]
    public async Task Where_the_newest_position_is_spoiled_the_newest_one_that_restores_is_named()
    {
        await NameThreeAsync();
        var (line, tip) = (_scene.Newest.Timeline, (await _scene.CatalogAsync()).ChainTo(_scene.Newest).Tip.Name);
        _scene.Store.Flip(tip.ToString(), InFirstBlock, 1);

        var verified = await _scene.VerifyAsync();

        Assert.Equal(2, verified.Coverage.Positions);
        var found = Assert.Single(verified.Findings, finding => finding.Object == "source app");
        Assert.Equal("its newest position, 3, cannot be restored from here; the newest one that can is 2, of 2026-03-01 12:00:01Z", found.Problem);
        Assert.StartsWith($"'restore --position 2@{line}' takes that one.", found.Hint, StringComparison.Ordinal);
        await _scene.AssertRestoresAsync([_scene.History[1].Position]);
    }

    [Fact]
    public async Task Where_nothing_restores_that_is_said()
    {
        await NameThreeAsync();
        _ = await DamageFullAsync();

        var verified = await _scene.VerifyAsync();

        Assert.Equal(0, verified.Coverage.Positions);
        Assert.Contains(verified.Findings, finding => finding is { Object: "source app", Problem: "no position of it can be restored from here", Kind: VerifyFindingKind.Damage });
        Assert.DoesNotContain(verified.Findings, finding => finding.Hint.Contains("verify --level data", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_compaction_has_not_removed_yet_is_another_way_and_the_hint_that_says_so_works()
    {
        await _scene.CaptureAtAsync(0, 1, 2, 3);
        await _scene.NameAsync();
        await _scene.CaptureAtAsync(4, 5);
        _scene.Time.Advance(TimeSpan.FromHours(2));
        _ = await _scene.CompactAsync();
        var merged = (await _scene.CatalogAsync()).ChainTo(_scene.Named.Single()).Tip.Name.ToString();
        _scene.Store.Flip(merged, InFirstBlock, 1);

        var verified = await _scene.VerifyAsync();

        Assert.Equal("Another chain leads to it: move the damaged pack out of the repository, keep it, and restore.", Assert.Single(verified.Findings, finding => finding.Object.StartsWith("manifests/", StringComparison.Ordinal)).Hint);
        _scene.Store.Remove(merged);
        await _scene.AssertRestoresAsync([_scene.Named.Single()]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(400)]
    public async Task A_full_that_was_cut_is_named_and_not_the_whole_pack_after_it(int length)
    {
        _scene.Resize(300, new Random(1));
        await NameThreeAsync();
        var catalog = await _scene.CatalogAsync();
        var full = catalog.Packs.Single(pack => pack.Name.IsFull).Name.ToString();
        _scene.Store.Replace(full, _scene.Store.Read(full)[..length]);
        catalog = await _scene.CatalogAsync();

        var e = await Assert.ThrowsAsync<PackFormatException>(async () => await ChainReader.OpenAsync(await BackupRepository.OpenForReadingAsync(_scene.Store, Ct), catalog.ChainTo(_scene.Newest), Ct));

        Assert.StartsWith($"Pack {full} is damaged: ", e.Message, StringComparison.Ordinal);
        Assert.All((await _scene.VerifyAsync()).Findings, finding => Assert.False(catalog.Packs.Any(pack => !pack.Name.IsFull && finding.Problem.Contains($"Pack {pack.Name} is damaged", StringComparison.Ordinal)), finding.Problem));
    }

    private async Task NameThreeAsync()
    {
        for (var second = 0; second < 3; second++)
        {
            await _scene.CaptureAtAsync(second);
            await _scene.NameAsync();
        }
    }

    private async Task<PackName> DamageFullAsync()
    {
        var full = (await _scene.CatalogAsync()).Packs.First(pack => pack.Name.IsFull).Name;
        _scene.Store.Flip(full.ToString(), InFirstBlock, 1);
        return full;
    }
}
