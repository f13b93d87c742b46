using BackupSidecar.Primitives;
using BackupSidecar.Source;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.Tests.Source;

/// <summary>Paths, permissions and files that are no database: read what can be read, say what is wrong, change nothing.</summary>
public sealed class FileTests
{
    private const uint Nobody = 65534;
    private const uint Somebody = 12345;

    public static TheoryData<string> BadFiles => [.. BadFilesByName.Keys];

    private static Dictionary<string, (Action<string> Damage, string Message)> BadFilesByName { get; } = new()
    {
        ["text"] = (path => File.WriteAllText(path, new string('x', 5000)), "is not a SQLite database"),
        ["a few bytes"] = (path => File.WriteAllText(path, "SQLite format 3\0"), "is not a SQLite database"),
        ["impossible page size"] = (path => Patch(path, offset: 16, 0x0f, 0xa1), "is not a SQLite database"),
        ["unknown format"] = (path => Patch(path, offset: 18, 9, 9), "is not a SQLite database"),
        ["shorter than its header says"] = (path => Truncate(path, 9000), "is damaged"),
        ["cut within its header"] = (path => Truncate(path, 50), "is cut off after 50 bytes"),
        ["cut within its first page"] = (path => Truncate(path, 300), "is cut off after 300 bytes"),
        ["missing"] = (File.Delete, "There is no database at"),
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public async Task What_is_no_database_is_refused_and_left_alone(string name)
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("delete");
        await bench.App.ExitAsync();
        var (damage, message) = BadFilesByName[name];
        damage(bench.Path);
        var before = await bench.Outside.LookAsync(bench.Path);

        var failure = Assert.Throws<OperatorException>(() => bench.Read());

        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.Contains(bench.Path, failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Hint);
        Assert.Equal(before.ToString(), (await bench.Outside.LookAsync(bench.Path)).ToString());
        Assert.Equal("", await bench.Locks.HeldByUsAsync(bench.Path));
    }

    [Theory]
    [InlineData("link to nothing", "nothing.db", "There is no database at")]
    [InlineData("link to itself", "link.db", "cannot be resolved")]
    public async Task A_symbolic_link_that_leads_nowhere_is_refused(string what, string target, string message)
    {
        await using var bench = new SourceBench();
        var link = bench.Volume.Elsewhere("link.db");
        File.CreateSymbolicLink(link, bench.Volume.Elsewhere(target));

        var failure = Assert.Throws<OperatorException>(() => bench.Read(link));
        Assert.True(failure.Message.Contains(message, StringComparison.Ordinal), $"A {what}: {failure.Message}");
    }

    [Theory]
    [InlineData("a b.db")]
    [InlineData("a?mode=memory#b%20c.db")]
    [InlineData("naïve ‘データ’.db")]
    public async Task A_path_means_the_file_of_that_name_whatever_its_characters(string name)
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.ExitAsync();
        var path = bench.Volume.Elsewhere(name);
        File.Copy(bench.Path, path);

        var (image, _) = bench.Read(path);
        await bench.AssertIsMergedCopyAsync(image);
    }

    [Fact]
    public async Task A_local_file_system_gives_no_warning()
    {
        await using var bench = new SourceBench();
        Assert.Null(FileSystemWarning.For(bench.Volume.Data));
    }

    [Theory]
    [InlineData(0x6969, "NFS")]
    [InlineData(0x65735546, "FUSE")]
    [InlineData(unchecked((int)0xFF534D42), "CIFS")]
    public void A_network_or_fuse_file_system_gives_a_warning_that_names_it(long magic, string name) =>
        Assert.Contains($"lies on {name}", FileSystemWarning.For("/data/app.db", magic), StringComparison.Ordinal);

    [Fact]
    public async Task A_directory_is_refused()
    {
        await using var bench = new SourceBench();
        Assert.Contains("is not a regular file", Assert.Throws<OperatorException>(() => bench.Read(bench.Volume.Data)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nobody has it open")]
    [InlineData("an application has it open")]
    public async Task A_zero_byte_file_is_a_database_of_no_page(string state)
    {
        await using var bench = new SourceBench();
        await File.WriteAllBytesAsync(bench.Path, [], TestContext.Current.CancellationToken);
        if (state == "an application has it open")
        {
            await bench.App.OpenAsync("app", bench.Path, "SELECT count(*) FROM sqlite_schema");
        }

        Assert.Equal(0u, (await bench.AssertReadsExactlyAsync()).Shape.PageCount);
    }

    [Fact]
    public async Task A_symbolic_link_leads_to_the_database_and_nothing_appears_beside_the_link()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        var link = bench.Volume.Elsewhere("link.db");
        File.CreateSymbolicLink(link, bench.Volume.Elsewhere("middle.db"));
        File.CreateSymbolicLink(bench.Volume.Elsewhere("middle.db"), bench.Path);

        foreach (var leave in new[] { false, true })
        {
            if (leave)
            {
                await bench.App.ExitAsync();
            }

            var before = await bench.Outside.LookAsync(bench.Path);
            var beside = await bench.Outside.LookAsync(link);
            var (image, _) = bench.Read(link);
            Assert.Equal(before.ToString(), (await bench.Outside.LookAsync(bench.Path)).ToString());
            await bench.AssertIsMergedCopyAsync(image);
            Assert.Equal(beside.ToString(), (await bench.Outside.LookAsync(link)).ToString());
        }
    }

    [Theory]
    [InlineData("wal", true)]
    [InlineData("wal", false)]
    [InlineData("delete", false)]
    public async Task A_file_that_is_replaced_during_a_read_makes_it_start_over(string journalMode, bool appStays)
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync(journalMode);
        if (!appStays)
        {
            await bench.App.CloseAsync("app");
        }

        var other = bench.NewPath("other.db");
        var maker = bench.Start();
        await maker.OpenAsync("other", other, "CREATE TABLE t(a); INSERT INTO t VALUES(randomblob(9000));");
        await maker.ExitAsync();

        using (var image = SourceBench.Open(bench.Path))
        {
            bench.Write(image);
            File.Move(other, bench.Path, overwrite: true);
            Assert.Throws<ImageChangedException>(() => bench.Write(image));
        }

        await bench.App.ExitAsync();
        RemoveLogOfTheOldFile(bench.Path);
        await bench.AssertReadsExactlyAsync();
    }

    [Fact]
    public async Task A_database_that_is_mounted_alone_is_refused_because_its_log_is_elsewhere()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        using var mount = BindMount.TryCreate(bench.Path, bench.Volume.Elsewhere("alone.db"), readOnly: false);
        Assert.SkipWhen(mount is null, "This process may not mount.");

        Assert.Equal(FailureKind.UnsafeEnvironment, Assert.Throws<OperatorException>(() => bench.Read(mount.Path)).Kind);
    }

    [Fact]
    public async Task A_second_name_of_an_open_database_is_refused_because_its_log_is_elsewhere()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        var second = bench.Volume.Elsewhere("second.db");
        LinkTo(bench.Path, second);

        var failure = Assert.Throws<OperatorException>(() => bench.Read(second));

        Assert.Equal(FailureKind.UnsafeEnvironment, failure.Kind);
        Assert.Equal("", await bench.Locks.HeldByUsAsync(bench.Path));
        await bench.AssertReadsExactlyAsync();
    }

    /// <summary>The process that was interrupted knew the file by its other name, and its journal lies there.</summary>
    [Fact]
    public async Task A_second_name_of_a_database_with_a_rollback_journal_is_refused_because_a_journal_may_be_elsewhere()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("delete");
        await bench.App.ExecuteAsync("app", "PRAGMA cache_size = 1; BEGIN; UPDATE t SET body = randomblob(900)");
        await bench.App.KillAsync();
        Assert.True(File.Exists(bench.Path + "-journal"));
        var second = bench.Volume.Elsewhere("second.db");
        LinkTo(bench.Path, second);

        var failure = Assert.Throws<OperatorException>(() => bench.Read(second));

        Assert.Equal(FailureKind.UnsafeEnvironment, failure.Kind);
        Assert.Contains("2 names", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_name_is_warned_of_where_the_log_is_beside_this_one()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        Assert.Empty(SourceFile.Resolve(bench.Path).Warnings());
        LinkTo(bench.Path, bench.Volume.Elsewhere("second.db"));

        Assert.Contains("2 names", Assert.Single(SourceFile.Resolve(bench.Path).Warnings()), StringComparison.Ordinal);
        await bench.AssertReadsExactlyAsync();
    }

    [Fact]
    public async Task An_older_copy_beside_a_left_log_is_read_as_its_application_would_read_it()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        var older = bench.NewPath("older.db");
        await bench.App.ExecuteAsync("app", "PRAGMA wal_checkpoint(TRUNCATE)");
        File.Copy(bench.Path, older);
        await bench.App.ExecuteAsync("app", "UPDATE t SET body = randomblob(800) WHERE id % 5 = 0; PRAGMA wal_checkpoint(TRUNCATE);" + SourceBench.Change);
        await bench.App.KillAsync();

        File.Move(older, bench.Path, overwrite: true);
        File.Delete(bench.Path + "-shm");
        await bench.AssertReadsExactlyAsync();
    }

    [Fact]
    public async Task A_file_that_is_deleted_and_made_anew_during_a_read_makes_it_start_over()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        using (var image = SourceBench.Open(bench.Path))
        {
            bench.Write(image);
            await bench.App.CloseAsync("app");
            File.Delete(bench.Path);
            RemoveLogOfTheOldFile(bench.Path);
            Assert.Throws<ImageChangedException>(() => bench.Write(image));

            await bench.StartAppAsync("wal");
            Assert.Throws<ImageChangedException>(() => bench.Write(image));
        }

        await bench.AssertReadsExactlyAsync();
    }

    [Theory]
    [InlineData("unreadable file")]
    [InlineData("closed directory")]
    public async Task A_reader_without_permission_is_told_so(string what)
    {
        Assert.SkipUnless(ForeignUser.IsPossible, "Only root can act as another user.");
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        File.SetUnixFileMode(what == "unreadable file" ? bench.Path : bench.Volume.Data, UnixFileMode.None);
        var before = await bench.Outside.LookAsync(bench.Path);

        var failure = Assert.Throws<OperatorException>(() => ForeignUser.Run(Nobody, () => bench.Read()));

        Assert.Contains(bench.Path, failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("it belongs to uid 0 and gid 0 with mode 0.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("--user 0:0", failure.Hint, StringComparison.Ordinal);
        Assert.Equal(before.ToString(), (await bench.Outside.LookAsync(bench.Path)).ToString());
        Assert.Equal("", await bench.Locks.HeldByUsAsync(bench.Path));
    }

    [Theory]
    [InlineData("wal", "running")]
    [InlineData("wal", "closed")]
    [InlineData("wal", "killed")]
    [InlineData("delete", "running")]
    [InlineData("delete", "closed")]
    public async Task Another_user_reads_exactly_what_it_may_only_read(string journalMode, string state)
    {
        Assert.SkipUnless(ForeignUser.IsPossible, "Only root can act as another user.");
        await using var bench = new SourceBench();
        await bench.App.SetUmaskAsync(Convert.ToUInt32("022", 8));
        await bench.App.BecomeUserAsync(Somebody);
        await bench.StartAppAsync(journalMode);
        await LeaveAsync(bench.App, state);

        var before = await bench.Outside.LookAsync(bench.Path);
        var image = "";
        ForeignUser.Run(Nobody, () => image = bench.Read().File);
        Assert.Equal(before.ToString(), (await bench.Outside.LookAsync(bench.Path)).ToString());
        Assert.Equal("", await bench.Locks.HeldByUsAsync(bench.Path));
        await bench.AssertIsMergedCopyAsync(image);
    }

    [Theory]
    [InlineData("running")]
    [InlineData("closed")]
    [InlineData("killed")]
    public async Task An_application_of_another_user_goes_on_after_a_read_by_root(string state)
    {
        Assert.SkipUnless(ForeignUser.IsPossible, "Only root can act as another user.");
        await using var bench = new SourceBench();
        await bench.App.BecomeUserAsync(Somebody);
        await bench.StartAppAsync("wal");
        await LeaveAsync(bench.App, state);

        await bench.AssertReadsExactlyAsync();

        var restarted = bench.Start();
        await restarted.BecomeUserAsync(Somebody);
        await restarted.OpenAsync("app", bench.Path, SourceBench.Change);
        await bench.AssertReadsExactlyAsync();
    }

    [Theory]
    [InlineData("wal", "running")]
    [InlineData("wal", "closed")]
    [InlineData("wal", "killed")]
    [InlineData("delete", "running")]
    [InlineData("delete", "closed")]
    public async Task A_read_only_volume_is_read_exactly(string journalMode, string state)
    {
        await using var bench = new SourceBench();
        using var mount = BindMount.TryCreate(bench.Volume.Data, bench.Volume.Elsewhere("mount"), readOnly: true);
        Assert.SkipWhen(mount is null, "This process may not mount.");
        await bench.StartAppAsync(journalMode);
        await LeaveAsync(bench.App, state);

        var before = await bench.Outside.LookAsync(bench.Path);
        var (image, _) = bench.Read(Path.Combine(mount.Path, "app.db"));
        Assert.Equal(before.ToString(), (await bench.Outside.LookAsync(bench.Path)).ToString());
        Assert.Equal("", await bench.Locks.HeldByUsAsync(bench.Path));
        await bench.AssertIsMergedCopyAsync(image);
    }

    private static Task LeaveAsync(WriterProcess app, string state) => state switch
    {
        "closed" => app.ExitAsync(),
        "killed" => app.KillAsync(),
        _ => Task.CompletedTask,
    };

    private static void RemoveLogOfTheOldFile(string path)
    {
        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
    }

    private static void LinkTo(string path, string second)
    {
        using var process = System.Diagnostics.Process.Start("ln", [path, second]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private static void Patch(string path, int offset, params byte[] bytes)
    {
        using var file = File.OpenWrite(path);
        file.Position = offset;
        file.Write(bytes);
    }

    private static void Truncate(string path, long length)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(length);
    }
}
