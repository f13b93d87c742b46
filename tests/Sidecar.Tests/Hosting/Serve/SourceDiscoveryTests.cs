using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

/// <summary>Which files of a directory are followed, and what they are called.</summary>
public sealed class SourceDiscoveryTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly List<string> _problems = [];

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Files_that_fit_and_start_as_a_database_or_are_empty_are_found()
    {
        Write("a.db", Header());
        Write("empty.db", []);
        Write("text.db", "not a database, however long this text may be: it goes on and on until it is longer than a header of a hundred bytes"u8.ToArray());
        Write("a.db-wal", []);
        Write("b.sqlite", Header());
        Write("left-out.db", Header());
        Directory.CreateDirectory(_scratch.Join("directory.db"));

        Assert.Equal(["a", "empty"], Names(new SourceOptions { Directory = _scratch.FullPath, Exclude = ["left*"] }));
        Assert.Empty(_problems);
    }

    [Fact]
    public void Side_files_never_count_however_wide_the_pattern_is()
    {
        foreach (var name in (string[])["a.db", "a.db-wal", "a.db-shm", "a.db-journal", "a.db.restore-pending", "a.db.before-1234", "a.db.restoring-1234"])
        {
            Write(name, []);
        }

        Assert.Equal(["a"], Names(new SourceOptions { Directory = _scratch.FullPath, Glob = "*" }));
    }

    [Fact]
    public void Directories_below_become_part_of_the_name()
    {
        foreach (var tenant in (string[])["one", "two"])
        {
            Directory.CreateDirectory(_scratch.Join(tenant));
            Write($"{tenant}/app.db", []);
        }

        Write("app.db", []);

        Assert.Equal(["tenant-one-app", "tenant-two-app"], Names(new SourceOptions { Name = "tenant", Directory = _scratch.FullPath, Glob = "*/app.db" }));
    }

    [Fact]
    public void A_file_that_becomes_a_database_is_found_later()
    {
        Write("a.db", [1, 2, 3]);
        var discovery = new SourceDiscovery();
        SourceOptions[] sources = [new() { Directory = _scratch.FullPath }];
        Assert.Empty(discovery.Resolve(sources, _problems.Add));

        Write("a.db", Header());

        Assert.Single(discovery.Resolve(sources, _problems.Add));
    }

    [Fact]
    public void What_is_named_by_its_path_keeps_its_name_and_is_followed_once()
    {
        Directory.CreateDirectory(_scratch.Join("other"));
        Write("a.db", []);
        Write("b.db", []);
        Write("other/a.db", []);

        var found = new SourceDiscovery().Resolve([new() { Directory = _scratch.FullPath }, new() { Path = _scratch.Join("other/a.db") }, new() { Path = _scratch.Join("b.db"), Name = "mine" }], _problems.Add);

        Assert.Equal([("a", _scratch.Join("other/a.db")), ("mine", _scratch.Join("b.db"))], found.Select(source => (source.Name, source.Path)));
        Assert.Contains("a.db is not followed: its name 'a' is that of", Assert.Single(_problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_with_two_names_by_links_is_followed_once()
    {
        Directory.CreateDirectory(_scratch.Join("data"));
        Write("data/a.db", []);
        Write("solo.db", []);
        File.CreateSymbolicLink(_scratch.Join("data/b.db"), _scratch.Join("data/a.db"));
        File.CreateSymbolicLink(_scratch.Join("data/solo.db"), _scratch.Join("solo.db"));
        Directory.CreateSymbolicLink(_scratch.Join("linked"), _scratch.Join("data"));

        var found = new SourceDiscovery().Resolve([new() { Path = _scratch.Join("solo.db") }, new() { Directory = _scratch.FullPath, Glob = "*/*.db" }], _problems.Add);

        Assert.Equal(["solo", "data-a"], found.Select(source => source.Name));
        Assert.Empty(_problems);
    }

    [Fact]
    public void A_file_that_cannot_be_looked_at_is_named_and_the_others_are_found()
    {
        Write("a.db", []);
        File.CreateSymbolicLink(_scratch.Join("loop.db"), "loop.db");
        File.CreateSymbolicLink(_scratch.Join("nowhere.db"), "gone");

        Assert.Equal(["a"], Names(new SourceOptions { Directory = _scratch.FullPath }));
        Assert.Contains("loop.db is not followed", Assert.Single(_problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_cannot_be_read_keeps_what_was_found_in_it()
    {
        Directory.CreateDirectory(_scratch.Join("data"));
        Write("data/a.db", []);
        var discovery = new SourceDiscovery();
        SourceOptions[] sources = [new() { Directory = _scratch.Join("data") }];
        Assert.Single(discovery.Resolve(sources, _problems.Add));

        Directory.Move(_scratch.Join("data"), _scratch.Join("gone"));

        Assert.Single(discovery.Resolve(sources, _problems.Add));
        Assert.Contains("cannot be looked through", Assert.Single(_problems), StringComparison.Ordinal);
    }

    private static byte[] Header()
    {
        var bytes = new byte[512];
        "SQLite format 3\0"u8.CopyTo(bytes);
        (bytes[16], bytes[18], bytes[19]) = (2, 1, 1);
        return bytes;
    }

    private void Write(string name, byte[] bytes) => File.WriteAllBytes(_scratch.Join(name), bytes);

    private IEnumerable<string> Names(SourceOptions source) => new SourceDiscovery().Resolve([source], _problems.Add).Select(definition => definition.Name);
}
