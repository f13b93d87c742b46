using BackupSidecar.Following;
using BackupSidecar.Primitives;
using BackupSidecar.Source;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Following;

/// <summary>One file, one follower, whatever the file is called.</summary>
public sealed class FollowedFilesTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly FollowedFiles _files = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_second_name_of_a_followed_file_is_refused_until_the_first_lets_go()
    {
        File.WriteAllText(_scratch.Join("a.db"), "");
        File.CreateSymbolicLink(_scratch.Join("link.db"), "a.db");
        var first = _files.Hold(Resolve("a.db"), "a", before: null);

        var refused = Assert.Throws<OperatorException>(() => _files.Hold(Resolve("link.db"), "link", before: null));
        Assert.Contains("is the same file as", refused.Message, StringComparison.Ordinal);
        Assert.Contains("source 'a' follows", refused.Message, StringComparison.Ordinal);
        Assert.Same(first, _files.Hold(Resolve("a.db"), "a", first));

        first.Dispose();
        using var second = _files.Hold(Resolve("link.db"), "link", before: null);
        first.Dispose();
        Assert.Throws<OperatorException>(() => _files.Hold(Resolve("a.db"), "a", before: null));
    }

    [Fact]
    public void A_replaced_file_is_let_go()
    {
        File.WriteAllText(_scratch.Join("a.db"), "");
        var before = _files.Hold(Resolve("a.db"), "a", before: null);
        File.Move(_scratch.Join("a.db"), _scratch.Join("old.db"));
        File.WriteAllText(_scratch.Join("a.db"), "");

        using var now = _files.Hold(Resolve("a.db"), "a", before);
        using var other = _files.Hold(Resolve("old.db"), "old", before: null);

        Assert.NotSame(before, now);
    }

    private SourceFile Resolve(string name) => SourceFile.Resolve(_scratch.Join(name));
}
