using BackupSidecar.Primitives;
using Xunit;

namespace BackupSidecar.Tests.Primitives;

public sealed class SecretFileAccessTests
{
    private const uint Root = 0;
    private const uint Me = 1654;
    private const uint Somebody = 1000;
    private const UnixFileMode Mode0400 = UnixFileMode.UserRead;
    private const UnixFileMode Mode0600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Mode0440 = UnixFileMode.UserRead | UnixFileMode.GroupRead;

    [Theory]
    [InlineData(Mode0400, Me, Me)]
    [InlineData(Mode0600, Me, Me)]
    [InlineData(Mode0600, Root, Root)]
    // A Secret that is mounted into a pod with an fsGroup.
    [InlineData(Mode0440, Root, Me)]
    [InlineData(Mode0440 | UnixFileMode.UserWrite, Root, Me)]
    public void What_only_those_read_who_must_is_taken(UnixFileMode mode, uint owner, uint reader) => Assert.False(SecretFileAccess.IsOpenToOthers(mode, owner, reader));

    [Theory]
    [InlineData(Mode0440, Me, Me)]
    [InlineData(Mode0440, Root, Root)]
    [InlineData(Mode0440, Somebody, Me)]
    [InlineData(Mode0440 | UnixFileMode.GroupWrite, Root, Me)]
    [InlineData(Mode0440 | UnixFileMode.OtherRead, Root, Me)]
    [InlineData(Mode0400 | UnixFileMode.OtherRead, Me, Me)]
    [InlineData(Mode0600 | UnixFileMode.GroupWrite, Me, Me)]
    public void What_others_read_or_change_is_not(UnixFileMode mode, uint owner, uint reader) => Assert.True(SecretFileAccess.IsOpenToOthers(mode, owner, reader));
}
