using BackupSidecar.Store.FileSystem;
using Xunit;

namespace BackupSidecar.Tests.Store;

/// <summary>What the system says of a failure, in words.</summary>
public sealed class FileSystemErrorsTests
{
    [Theory]
    [InlineData(Errno.NoSpace, "no space left")]
    [InlineData(Errno.QuotaExceeded, "quota")]
    [InlineData(Errno.AccessDenied, "permission denied")]
    [InlineData(Errno.NotPermitted, "permission denied")]
    [InlineData(Errno.ReadOnlyFileSystem, "read-only")]
    [InlineData(Errno.InputOutput, "input/output error")]
    [InlineData(Errno.NoEntry, "does not exist")]
    [InlineData(Errno.StaleHandle, "stale")]
    [InlineData(Errno.TooManyOpenFiles, "too many open files")]
    [InlineData(71, "Protocol error (error 71)")]
    public void Every_error_names_step_object_place_and_what_to_do(int error, string reason)
    {
        var e = new FileSystemErrors("/backups").Of(error, "write", "packs/x");

        Assert.StartsWith("Cannot write 'packs/x' in /backups: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.NotEmpty(e.Hint);
    }

    [Fact]
    public void Errors_of_the_base_library_keep_their_number()
    {
        var errors = new FileSystemErrors("/backups");

        Assert.Contains("no space left", errors.Of(new IOException("full", Errno.NoSpace), "write", "x").Message, StringComparison.Ordinal);
        Assert.Contains("permission denied", errors.Of(new UnauthorizedAccessException(), "write", "x").Message, StringComparison.Ordinal);
        Assert.Contains("read-only", errors.Of(new UnauthorizedAccessException("no", new IOException("ro", Errno.ReadOnlyFileSystem)), "write", "x").Message, StringComparison.Ordinal);
        Assert.Contains("unknown error", errors.Of(new IOException("odd"), "write", "x").Message, StringComparison.Ordinal);
    }
}
