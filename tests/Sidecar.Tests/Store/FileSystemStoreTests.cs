using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using BackupSidecar.Primitives;
using BackupSidecar.Store;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Store;

[SupportedOSPlatform("linux")]
public sealed partial class FileSystemStoreTests : IDisposable
{
    private static readonly ObjectName Name = ObjectName.Parse("packs/1/a.pack");

    private readonly ScratchDirectory _directory = new();
    private readonly string _root;
    private readonly FileSystemStore _store;

    public FileSystemStoreTests()
    {
        _root = _directory.Join("deep/repository");
        _store = new FileSystemStore(_root);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Reading_creates_nothing_and_says_that_the_root_is_missing()
    {
        var failures = new List<StoreException>
        {
            await Assert.ThrowsAsync<StoreException>(async () => await _store.OpenAsync(Name, Ct)),
            await Assert.ThrowsAsync<StoreException>(async () => await ListAsync(_store)),
            await Assert.ThrowsAsync<StoreException>(async () => await _store.DeleteAsync(Name, Ct)),
            await Assert.ThrowsAsync<StoreException>(async () => await _store.FindForeignAsync(Ct)),
        };

        Assert.All(failures, e => Assert.Equal(FailureKind.RepositoryMissing, e.Kind));
        Assert.All(failures, e => Assert.Contains(_root, e.Message, StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory.FullPath));
    }

    [Fact]
    public async Task A_root_that_is_a_file_is_named_as_that()
    {
        Directory.CreateDirectory(_directory.Join("deep"));
        await File.WriteAllTextAsync(_root, "a file", Ct);

        var failures = new List<StoreException>
        {
            await Assert.ThrowsAsync<StoreException>(async () => await _store.OpenAsync(Name, Ct)),
            await Assert.ThrowsAsync<StoreException>(async () => await ListAsync(_store)),
            await Assert.ThrowsAsync<StoreException>(async () => await _store.StageAsync(Name, Ct)),
            await Assert.ThrowsAsync<StoreException>(async () => await _store.LockForWritingAsync("me", Ct)),
        };

        Assert.All(failures, e => Assert.Contains("is not a directory", e.Message, StringComparison.Ordinal));
        Assert.All(failures, e => Assert.Equal(FailureKind.Failed, e.Kind));
        Assert.Equal("a file", await File.ReadAllTextAsync(_root, Ct));
    }

    [Fact]
    public async Task A_link_to_nowhere_as_root_fails_and_does_not_loop()
    {
        File.CreateSymbolicLink(_directory.Join("nowhere"), _directory.Join("gone"));

        await Assert.ThrowsAsync<StoreException>(async () => await new FileSystemStore(_directory.Join("nowhere")).StageAsync(Name, Ct));
        await Assert.ThrowsAsync<StoreException>(async () => await new FileSystemStore(_directory.Join("nowhere/below")).StageAsync(Name, Ct));
    }

    [Fact]
    public async Task A_writer_whose_root_was_removed_or_replaced_writes_nothing_until_it_is_back()
    {
        await using var held = await _store.LockForWritingAsync("me", Ct);
        await PutAsync(_store, Name, [1]);
        Directory.Move(_root, _directory.Join("aside"));

        var removed = await Assert.ThrowsAsync<StoreReplacedException>(async () => await _store.StageAsync(Name, Ct));
        Assert.False(Directory.Exists(_root));
        Directory.CreateDirectory(_root);
        await File.WriteAllTextAsync(Path.Join(_root, ".lock"), "another", Ct);
        var replaced = await Assert.ThrowsAsync<StoreReplacedException>(async () => await _store.StageAsync(Name, Ct));
        await Assert.ThrowsAsync<StoreReplacedException>(async () => await _store.DeleteAsync(Name, Ct));

        Assert.All([removed, replaced], e => Assert.Contains($"{_root} is not the directory any more", e.Message, StringComparison.Ordinal));
        Assert.Equal([".lock"], Directory.EnumerateFileSystemEntries(_root).Select(Path.GetFileName));

        Directory.Delete(_root, recursive: true);
        Directory.Move(_directory.Join("aside"), _root);
        await PutAsync(_store, ObjectName.Parse("packs/1/b.pack"), [2]);
        Assert.Equal(["packs/1/a.pack", "packs/1/b.pack"], await ListAsync(_store));
    }

    [Fact]
    public async Task Nobody_but_the_owner_may_read_what_is_stored()
    {
        await using var held = await _store.LockForWritingAsync("me", Ct);
        await PutAsync(_store, Name, [1]);

        var files = Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories).ToList();
        var directories = Directory.EnumerateDirectories(_root, "*", SearchOption.AllDirectories).Append(_root).Append(_directory.Join("deep")).ToList();

        Assert.Equal(2, files.Count);
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        Assert.All(directories, directory => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory)));
    }

    [Fact]
    public async Task A_published_object_leaves_no_second_file()
    {
        await PutAsync(_store, Name, [1]);

        Assert.Equal([Path.Join(_root, Name.ToString())], Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Files_that_are_no_objects_are_not_listed_but_found_as_foreign()
    {
        await PutAsync(_store, Name, [1]);
        Assert.Null(await _store.FindForeignAsync(Ct));
        Directory.CreateDirectory(Path.Join(_root, "lost+found"));
        Assert.Null(await _store.FindForeignAsync(Ct));

        foreach (var foreign in (string[])[".hidden", "with space", "-dash", "packs/1/.tmp-x", "packs/ünicode"])
        {
            var path = Path.Join(_root, foreign);
            await File.WriteAllTextAsync(path, "x", Ct);
            Assert.Equal([Name.ToString()], await ListAsync(_store));
            Assert.Equal(foreign, await _store.FindForeignAsync(Ct));
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_link_to_a_directory_is_not_followed_in_silence()
    {
        await PutAsync(_store, Name, [1]);
        Directory.CreateSymbolicLink(Path.Join(_root, "packs/loop"), _root);

        var e = await Assert.ThrowsAsync<StoreException>(async () => await ListAsync(_store));

        Assert.Contains("packs/loop", e.Message, StringComparison.Ordinal);
        Assert.Equal("packs/loop", await _store.FindForeignAsync(Ct));
    }

    [Fact]
    public async Task A_link_to_nothing_is_no_object()
    {
        await PutAsync(_store, Name, [1]);
        File.CreateSymbolicLink(Path.Join(_root, "packs/broken"), _directory.Join("gone"));

        Assert.Equal([Name.ToString()], await ListAsync(_store));
        await Assert.ThrowsAsync<ObjectMissingException>(async () => await _store.OpenAsync(ObjectName.Parse("packs/broken"), Ct));
    }

    [Fact]
    public async Task A_link_to_a_file_is_an_object_of_that_files_length()
    {
        await PutAsync(_store, Name, new byte[1000]);
        File.CreateSymbolicLink(Path.Join(_root, "packs/linked"), "1/a.pack");

        var listing = await _store.ListAsync("packs/l", Ct).SingleAsync(Ct);

        Assert.Equal(1000, listing.Length);
    }

    [Fact]
    public async Task A_pipe_in_the_place_of_an_object_blocks_nobody()
    {
        SkipUnlessFound("mkfifo");
        await PutAsync(_store, Name, [1]);
        using var made = Process.Start("mkfifo", Path.Join(_root, "pipe"));
        await made.WaitForExitAsync(Ct);

        await Assert.ThrowsAsync<StoreException>(async () => await _store.OpenAsync(ObjectName.Parse("pipe"), Ct));
    }

    [Fact]
    public async Task What_a_dead_writer_left_is_swept_when_the_lock_is_taken()
    {
        await using var living = await _store.StageAsync(ObjectName.Parse("living"), Ct);
        var dead = await _store.StageAsync(ObjectName.Parse("dead"), Ct);

        // Closing without disposing is what the kernel does for a killed process.
        await dead.Content.DisposeAsync();
        Assert.Equal(2, Directory.GetFiles(Path.Join(_root, ".staging")).Length);
        await using var held = await new FileSystemStore(_root).LockForWritingAsync("next", Ct);

        Assert.Single(Directory.GetFiles(Path.Join(_root, ".staging")));
        await living.PublishAsync(Ct);
        Assert.Equal(["living"], await ListAsync(_store));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await dead.PublishAsync(Ct));
    }

    [Fact]
    public async Task Disposing_an_object_whose_file_somebody_removed_is_quiet_and_publishing_it_is_an_error()
    {
        await using var staged = await _store.StageAsync(Name, Ct);
        foreach (var file in Directory.GetFiles(Path.Join(_root, ".staging")))
        {
            File.Delete(file);
        }

        var e = await Assert.ThrowsAsync<StoreException>(async () => await staged.PublishAsync(Ct));

        Assert.Contains(Name.ToString(), e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await staged.PublishAsync(Ct));
    }

    [Fact]
    public async Task A_directory_removed_while_the_store_is_open_is_created_again()
    {
        await PutAsync(_store, Name, [1]);
        Directory.Delete(Path.Join(_root, "packs"), recursive: true);

        await PutAsync(_store, Name, [2]);

        Assert.Equal([Name.ToString()], await ListAsync(_store));
    }

    [Fact]
    public async Task A_file_where_a_directory_should_be_is_named()
    {
        await PutAsync(_store, ObjectName.Parse("packs"), [1]);

        var e = await Assert.ThrowsAsync<StoreException>(async () => await PutAsync(_store, Name, [1]));

        Assert.Contains("packs", e.Message, StringComparison.Ordinal);
        Assert.Equal(["packs"], await ListAsync(_store));
    }

    [Fact]
    public async Task The_lock_holds_between_processes_and_ends_with_the_holder()
    {
        SkipUnlessFound("flock");
        await PutAsync(_store, Name, [1]);
        using var other = Start("flock", [Path.Join(_root, ".lock"), "sh", "-c", "echo held; read line"]);
        Assert.Equal("held", await other.StandardOutput.ReadLineAsync(Ct));

        await Assert.ThrowsAsync<StoreLockedException>(async () => await _store.LockForWritingAsync("me", Ct));
        other.StandardInput.Close();
        await other.WaitForExitAsync(Ct);

        await using var held = await _store.LockForWritingAsync("me", Ct);
        using var refused = Start("flock", ["-n", Path.Join(_root, ".lock"), "true"]);
        await refused.WaitForExitAsync(Ct);
        Assert.Equal(1, refused.ExitCode);
        Assert.Equal("me\n", await ReadTextAsync(Path.Join(_root, ".lock")));
    }

    [Fact]
    public async Task A_lock_that_was_given_back_is_free_although_a_child_still_shares_its_file()
    {
        var held = await _store.LockForWritingAsync("first", Ct);

        // What a process has that was forked by another thread and did not yet run its own program.
        var path = Assert.Single(Directory.GetFiles(_root));
        var link = Assert.Single(Directory.GetFileSystemEntries("/proc/self/fd"), entry => new FileInfo(entry).LinkTarget == path);
        var shared = Duplicate(int.Parse(Path.GetFileName(link), System.Globalization.CultureInfo.InvariantCulture));
        await held.DisposeAsync();

        await using var next = await _store.LockForWritingAsync("second", Ct);
        Assert.Equal(0, Close(shared));
    }

    [Fact]
    public async Task The_holder_is_shown_on_one_short_line()
    {
        await using var held = await _store.LockForWritingAsync("first\nsecond\t\u001b[31m" + new string('x', 500), Ct);

        var e = await Assert.ThrowsAsync<StoreLockedException>(async () => await _store.LockForWritingAsync("me", Ct));

        Assert.Contains("first second  [31mxxx", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(e.Message, char.IsControl);
        Assert.True(e.Message.Length < 200 + _root.Length + 100, e.Message);
    }

    [Fact]
    public async Task A_full_file_system_is_an_error_that_says_so_and_leaves_nothing_behind()
    {
        await using var volume = await MountAsync("size=1m");
        var store = new FileSystemStore(volume.Path);
        await PutAsync(store, ObjectName.Parse("small"), [1]);

        var e = await Assert.ThrowsAsync<StoreException>(async () => await PutAsync(store, Name, new byte[2 << 20]));

        Assert.Contains("no space left", e.Message, StringComparison.Ordinal);
        Assert.Contains(Name.ToString(), e.Message, StringComparison.Ordinal);
        Assert.Contains("Free space", e.Hint, StringComparison.Ordinal);
        Assert.Equal(["small"], await ListAsync(store));
        Assert.Empty(Directory.GetFiles(Path.Join(volume.Path, ".staging")));
        await PutAsync(store, Name, new byte[100_000]);
    }

    [Fact]
    public async Task A_file_system_without_free_inodes_is_full_too()
    {
        await using var volume = await MountAsync("size=1m,nr_inodes=3");
        var store = new FileSystemStore(volume.Path);

        var e = await Assert.ThrowsAsync<StoreException>(async () => await PutAsync(store, Name, [1]));

        Assert.Contains("no space left", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_only_file_system_can_be_read_and_refuses_writers_clearly()
    {
        await using var volume = await MountAsync("size=1m");
        var store = new FileSystemStore(volume.Path);
        await PutAsync(store, Name, [1]);
        await volume.RemountReadOnlyAsync();

        var staging = await Assert.ThrowsAsync<StoreException>(async () => await store.StageAsync(Name, Ct));
        var locking = await Assert.ThrowsAsync<StoreException>(async () => await store.LockForWritingAsync("me", Ct));
        var deleting = await Assert.ThrowsAsync<StoreException>(async () => await store.DeleteAsync(Name, Ct));

        Assert.All([staging, locking, deleting], e => Assert.Contains("read-only", e.Message, StringComparison.Ordinal));
        Assert.Equal([Name.ToString()], await ListAsync(store));
    }

    [Fact]
    public async Task A_file_system_inside_the_repository_is_refused()
    {
        Directory.CreateDirectory(Path.Join(_root, "packs"));
        await using var volume = await MountAsync("size=1m", Path.Join(_root, "packs"));

        var e = await Assert.ThrowsAsync<StoreException>(async () => await PutAsync(_store, Name, [1]));

        Assert.Contains("different file systems", e.Message, StringComparison.Ordinal);
    }

    private static async Task PutAsync(FileSystemStore store, ObjectName name, byte[] bytes)
    {
        await using var staged = await store.StageAsync(name, Ct);
        await staged.Content.WriteAsync(bytes, Ct);
        await staged.PublishAsync(Ct);
    }

    private static async Task<List<string>> ListAsync(FileSystemStore store) =>
        await store.ListAsync("", Ct).Select(listing => listing.Name.ToString()).ToListAsync(Ct);

    /// <summary>Reads without the base library's file lock, which would meet the one that is tested.</summary>
    private static async Task<string> ReadTextAsync(string path)
    {
        using var cat = Start("cat", [path]);
        return await cat.StandardOutput.ReadToEndAsync(Ct);
    }

    private static Process Start(string command, string[] arguments) => Process.Start(new ProcessStartInfo(command, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    private static void SkipUnlessFound(string command) => Assert.SkipUnless(
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Join(directory, command))),
        $"The command '{command}' is missing.");

    private async Task<MountedVolume> MountAsync(string options, string? path = null)
    {
        Assert.SkipUnless(EffectiveUserId() == 0, "Mounting a file system needs root.");
        var target = path ?? Directory.CreateDirectory(_directory.Join("volume")).FullName;
        var volume = await MountedVolume.TryMountAsync(target, options, Ct);
        Assert.SkipWhen(volume is null, "Mounting a tmpfs is not allowed here (CAP_SYS_ADMIN).");
        return volume!;
    }

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUserId();
}
