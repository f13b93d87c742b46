using BackupSidecar.Restore.Swap;
using BackupSidecar.SwapKill;
using Xunit;

namespace BackupSidecar.Tests.Restore.Swap;

/// <summary>What a swap that goes through leaves.</summary>
public sealed class SwapRunTests
{
    public static TheoryData<OldDatabase> EveryOld => new(Enum.GetValues<OldDatabase>());

    [Theory]
    [MemberData(nameof(EveryOld))]
    public async Task The_new_database_is_in_place_and_the_old_one_kept(OldDatabase old)
    {
        using var scene = new SwapScene(old, Path.GetTempPath());

        var result = await scene.SwapAsync(appIsStopped: true);

        Assert.Equal("new", ContentDatabase.CheckFile(scene.Target));
        Assert.Equal(old is OldDatabase.Missing or OldDatabase.MissingWithLog ? null : scene.SafetyCopy, result.SafetyCopyPath);
        Assert.Equal(old is OldDatabase.Damaged or OldDatabase.ZeroByteWithLog or OldDatabase.MissingWithLog ? 1 : 0, result.Warnings.Count);
        Assert.DoesNotContain(scene.Names, name => name.Contains("pending", StringComparison.Ordinal));
        if (scene.OldRows > 0)
        {
            Assert.Equal("old", ContentDatabase.CheckFile(scene.SafetyCopy));
            Assert.Equal(scene.OldRows, ContentDatabase.CountRows(scene.SafetyCopy));
        }
    }

    [Theory]
    [InlineData(OldDatabase.Wal)]
    [InlineData(OldDatabase.WalWithLog)]
    public async Task A_wal_database_that_nobody_has_open_needs_no_word_of_the_operator(OldDatabase old)
    {
        using var scene = new SwapScene(old);

        await scene.SwapAsync(appIsStopped: false);

        Assert.Equal("new", ContentDatabase.CheckFile(scene.Target));
    }

    [Fact]
    public async Task A_damaged_database_is_kept_byte_for_byte_with_its_log()
    {
        using var scene = new SwapScene(OldDatabase.Damaged);
        var database = File.ReadAllBytes(scene.Target);
        var log = File.ReadAllBytes(scene.Target + "-wal");

        await scene.SwapAsync(appIsStopped: true);

        Assert.Equal(database, File.ReadAllBytes(scene.SafetyCopy));
        Assert.Equal(log, File.ReadAllBytes(scene.SafetyCopy + "-wal"));
    }

    [Fact]
    public async Task The_new_database_has_the_permissions_of_the_old()
    {
        using var scene = new SwapScene(OldDatabase.Wal);
        const uint Permissions = 0x1a0;
        using (var file = Posix.OpenHandle(scene.Target, Posix.OpenReadWrite, mode: 0))
        {
            Assert.Equal(0, Posix.ChangeMode(file, Permissions));
        }

        await scene.SwapAsync(appIsStopped: false);

        Assert.Equal(Permissions, FileFacts.Of(scene.Target)!.Value.Permissions);
    }

    [Fact]
    public async Task The_new_database_has_the_owner_of_the_old()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can give files away.");
        using var scene = new SwapScene(OldDatabase.Wal);
        using (var file = Posix.OpenHandle(scene.Target, Posix.OpenReadWrite, mode: 0))
        {
            Assert.Equal(0, Posix.ChangeOwner(file, 4711, 4712));
        }

        var result = await scene.SwapAsync(appIsStopped: false);

        var facts = FileFacts.Of(scene.Target);
        Assert.Equal((4711u, 4712u), (facts!.Value.User, facts.Value.Group));
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public async Task A_symbolic_link_stays_and_what_it_leads_to_is_replaced()
    {
        using var scene = new SwapScene(OldDatabase.WalWithLog);
        var directory = Directory.CreateDirectory(Path.Combine(scene.Volume, "elsewhere")).FullName;
        var link = Path.Combine(directory, "link.db");
        File.CreateSymbolicLink(link, "../app.db");

        var result = await new SwapRun(TimeProvider.System, SwapScene.Patience, _ => { })
            .ExecuteAsync(scene.Request(appIsStopped: false) with { TargetPath = link }, TestContext.Current.CancellationToken);

        Assert.Equal("../app.db", new FileInfo(link).LinkTarget);
        Assert.Equal("new", ContentDatabase.CheckFile(scene.Target));
        Assert.Equal(scene.SafetyCopy, result.SafetyCopyPath);
        Assert.Equal(["app.db", "app.db.before-r1"], scene.Names);
    }

    [Fact]
    public async Task A_file_system_that_cannot_tell_who_has_a_file_open_is_waited_out()
    {
        using var scene = new SwapScene(OldDatabase.WalWithLog);

        await scene.SwapAsync(appIsStopped: false, SwapScene.Patience with { AsksForOpeners = false, OpenersWaitMax = TimeSpan.FromMilliseconds(100) });

        Assert.Equal("new", ContentDatabase.CheckFile(scene.Target));
        Assert.Equal(scene.OldRows, ContentDatabase.CountRows(scene.SafetyCopy));
    }
}
