using BackupSidecar.Restore.Swap;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Cli;

/// <summary>Every exit code of the contract, reached by the program as a user would reach it.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private readonly CommandScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task What_was_backed_up_is_listed_verified_and_restored_with_exit_code_0()
    {
        await _scene.BackUpAsync("--label", "first");
        await _scene.BackUpAsync();

        Assert.Equal(4, (await CommandScene.RunAsync("list", "--repository", _scene.Repository)).ShouldExit(0).OutputLines.Count);
        (await CommandScene.RunAsync("verify", "--repository", _scene.Repository, "--level", "drill")).ShouldExit(0);
        (await CommandScene.RunAsync("restore", "--repository", _scene.Repository, "--output", _scene.Restored)).ShouldExit(0);
        Assert.Equal(File.ReadAllBytes(_scene.Database), File.ReadAllBytes(_scene.Restored));
    }

    [Theory]
    [InlineData("nothing.db", "There is no database")]
    [InlineData("", "is not a regular file")]
    public async Task A_wrong_database_is_1_and_leaves_nothing_behind(string name, string message)
    {
        var result = await CommandScene.RunAsync("backup", "--database", Path.Join(_scene.Data, name), "--repository", _scene.Repository, "--state", _scene.State);

        Assert.Contains(message, result.ShouldExit(1).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_scene.Repository));
        Assert.False(Directory.Exists(_scene.State));
    }

    [Fact]
    public async Task A_state_directory_beside_the_database_is_1_and_leaves_nothing_behind()
    {
        (await CommandScene.RunAsync("backup", "--database", _scene.Database, "--repository", _scene.Repository, "--state", _scene.Data)).ShouldExit(1);

        Assert.False(Directory.Exists(_scene.Repository));
        Assert.Equal([_scene.Database], Directory.GetFiles(_scene.Data));
    }

    [Theory]
    [InlineData("backup")]
    [InlineData("list")]
    [InlineData("verify")]
    [InlineData("restore")]
    public async Task A_file_as_repository_is_1_and_stays_as_it_is(string command)
    {
        File.WriteAllText(_scene.Repository, "mine");
        string[] more = command switch { "backup" => ["--database", _scene.Database, "--state", _scene.State], "restore" => ["--output", _scene.Restored], _ => [] };

        var result = await CommandScene.RunAsync([command, "--repository", _scene.Repository, .. more]);

        Assert.Contains("is not a directory", result.ShouldExit(1).Error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_scene.Repository));
    }

    [Fact]
    public async Task A_directory_of_somebody_else_is_no_repository_and_stays_as_it_is()
    {
        Directory.CreateDirectory(_scene.Repository);
        File.WriteAllText(Path.Join(_scene.Repository, "photo.jpg"), "mine");

        var result = await CommandScene.RunAsync(_scene.BackupArguments);

        Assert.Contains("it holds 'photo.jpg'", result.ShouldExit(1).Error, StringComparison.Ordinal);
        Assert.Equal([Path.Join(_scene.Repository, "photo.jpg")], Directory.GetFileSystemEntries(_scene.Repository));
    }

    [Fact]
    public async Task A_backup_over_doubts_is_3_and_names_them()
    {
        await _scene.BackUpAsync();
        await _scene.BackUpAsync();
        File.Delete(_scene.Objects("packs")[^1]);

        var result = (await CommandScene.RunAsync(_scene.BackupArguments)).ShouldExit(3);

        Assert.Contains("WARNING, OLDER BACKUPS ARE IN DOUBT", result.Error, StringComparison.Ordinal);
        (await CommandScene.RunAsync("restore", "--repository", _scene.Repository, "--output", _scene.Restored)).ShouldExit(0);
        Assert.Equal(File.ReadAllBytes(_scene.Database), File.ReadAllBytes(_scene.Restored));
        (await CommandScene.RunAsync("list", "--repository", _scene.Repository)).ShouldExit(3);
    }

    [Fact]
    public async Task A_restore_does_not_pass_over_the_newest_backup_when_its_pack_is_gone()
    {
        await _scene.BackUpAsync();
        await _scene.BackUpAsync();
        File.Delete(_scene.Objects("packs")[^1]);

        (await CommandScene.RunAsync("restore", "--repository", _scene.Repository, "--output", _scene.Restored)).ShouldExit(13);

        Assert.False(File.Exists(_scene.Restored));
    }

    [Theory]
    [InlineData("list")]
    [InlineData("verify")]
    [InlineData("restore")]
    [InlineData("inspect")]
    public async Task No_repository_is_10_and_none_appears(string command)
    {
        string[] more = command switch { "restore" => ["--output", _scene.Restored], "inspect" => ["1234"], _ => [] };

        (await CommandScene.RunAsync([command, "--repository", _scene.Repository, .. more])).ShouldExit(10);

        Assert.False(Directory.Exists(_scene.Repository));
        Assert.False(File.Exists(_scene.Restored));
    }

    [Fact]
    public async Task A_second_writer_is_11_and_hears_who_holds_the_repository()
    {
        await _scene.BackUpAsync();
        await using var held = await new FileSystemStore(_scene.Repository).LockForWritingAsync("process 17 of somebody", TestContext.Current.CancellationToken);

        var result = await CommandScene.RunAsync(_scene.BackupArguments);

        Assert.Contains("process 17 of somebody", result.ShouldExit(11).Error, StringComparison.Ordinal);
        (await CommandScene.RunAsync("verify", "--repository", _scene.Repository)).ShouldExit(0);
    }

    [Fact]
    public async Task Damage_is_13_for_verify_and_restore_and_nothing_is_restored()
    {
        await _scene.BackUpAsync();
        var pack = _scene.Objects("packs")[^1];
        var bytes = File.ReadAllBytes(pack);
        bytes[1000] ^= 1;
        File.WriteAllBytes(pack, bytes);

        (await CommandScene.RunAsync("verify", "--repository", _scene.Repository, "--level", "structure")).ShouldExit(0);
        Assert.Contains(Path.GetFileName(pack), (await CommandScene.RunAsync("verify", "--repository", _scene.Repository)).ShouldExit(13).Output, StringComparison.Ordinal);
        (await CommandScene.RunAsync("restore", "--repository", _scene.Repository, "--output", _scene.Restored)).ShouldExit(13);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(_scene.Restored)!));
    }

    [Fact]
    public async Task What_could_not_be_checked_is_1_and_not_called_damage()
    {
        using var small = SizeLimitedMount.TryCreate(_scene.Elsewhere("small"), 16 << 10);
        Assert.SkipWhen(small is null, "This process may not mount a file system of limited size.");
        await _scene.BackUpAsync();
        await using var verify = SidecarProcess.Start(
            SidecarBinary.Current, ["verify", "--repository", _scene.Repository, "--level", "drill"], new Dictionary<string, string?> { ["TMPDIR"] = small.Directory });

        var result = (await verify.WaitForExitAsync(TestContext.Current.CancellationToken)).ShouldExit(1);

        Assert.StartsWith("NOT CHECKED: ", result.OutputLines[0], StringComparison.Ordinal);
        Assert.StartsWith("NOT PROVED: ", result.OutputLines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("DAMAGE", result.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(small.Directory));
    }

    [Fact]
    public async Task A_database_in_use_is_14_and_stays()
    {
        await _scene.BackUpAsync();
        await using var application = WriterProcess.Start();
        await application.OpenAsync("app", _scene.Database);
        await application.ExecuteAsync("app", "INSERT INTO t (body) VALUES ('newer')");

        var result = await CommandScene.RunAsync("restore", "--repository", _scene.Repository, "--output", _scene.Database, "--overwrite");

        result.ShouldExit(14);
        Assert.Equal("1", await application.ScalarAsync("app", "SELECT count(*) FROM t WHERE body = 'newer'"));
    }

    [Fact]
    public async Task Files_that_nobody_can_interpret_are_15_and_are_left_to_a_person()
    {
        File.WriteAllBytes(_scene.Database + ".restore-pending", SwapJournal.Of("0123456789abcdef", "gone", stagedInode: 1, oldInode: 2).ToBytes());

        (await CommandScene.RunAsync(_scene.BackupArguments)).ShouldExit(15);

        Assert.False(Directory.Exists(_scene.Repository));
    }

    [Fact]
    public async Task An_interrupted_restore_is_undone_by_the_next_command_which_says_so()
    {
        var inode = FileFacts.Of(_scene.Database)!.Value.Inode;
        File.WriteAllBytes(_scene.Database + ".restore-pending", SwapJournal.Of("0123456789abcdef", "gone", stagedInode: 1, oldInode: inode).ToBytes());

        var result = await CommandScene.RunAsync(_scene.BackupArguments);

        Assert.Contains("is undone: nothing was replaced", result.ShouldExit(0).Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_scene.Database + ".restore-pending"));
    }

    [Theory]
    [InlineData("verify")]
    [InlineData("demo")]
    public async Task A_temporary_directory_that_does_not_exist_is_named_and_not_made(string command)
    {
        await _scene.BackUpAsync();
        var missing = _scene.Elsewhere("no/such/directory");
        string[] arguments = command == "demo" ? ["demo"] : ["verify", "--repository", _scene.Repository, "--level", "drill"];
        await using var process = SidecarProcess.Start(SidecarBinary.Current, arguments, new Dictionary<string, string?> { ["TMPDIR"] = missing });

        var result = (await process.WaitForExitAsync(TestContext.Current.CancellationToken)).ShouldExit(1);

        Assert.Contains(missing, result.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains("does not exist", result.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains("TMPDIR", result.ErrorLines[1], StringComparison.Ordinal);
        Assert.False(Directory.Exists(_scene.Elsewhere("no")));
    }
}
