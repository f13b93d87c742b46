using System.Net.Sockets;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Primitives;
using BackupSidecar.Restore.Swap;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Service;

/// <summary>The two sockets as files: whose they are, what lies where they are to be, and who connects without a word that makes sense.</summary>
public sealed class ServiceSocketTests : IAsyncDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ServiceBench _bench = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task The_operators_socket_is_its_owners_and_the_apps_its_groups_and_none_stays()
    {
        await _bench.StartAsync();

        Assert.Equal(Owner, File.GetUnixFileMode(_bench.OperatorSocket));
        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(_bench.OperatorSocket)!));
        Assert.Equal(Owner | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(_bench.AppSocket));
        Assert.Equal(
            Owner | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute, File.GetUnixFileMode(Path.GetDirectoryName(_bench.AppSocket)!));

        await _bench.StopAsync();
        Assert.False(File.Exists(_bench.OperatorSocket));
        Assert.False(File.Exists(_bench.AppSocket));
    }

    [Fact]
    public async Task A_group_of_its_own_may_use_the_apps_socket()
    {
        Assert.SkipUnless(ForeignUser.IsPossible, "Only root can give a socket to any group.");
        await _bench.StartAsync(group: 54321);

        foreach (var path in (string[])[_bench.AppSocket, Path.GetDirectoryName(_bench.AppSocket)!])
        {
            Assert.Equal(54321u, FileFacts.Of(path)!.Value.Group);
        }
    }

    [Fact]
    public async Task A_file_that_is_no_socket_stays_where_it_is()
    {
        _ = Directory.CreateDirectory(Path.GetDirectoryName(_bench.AppSocket)!);
        File.WriteAllText(_bench.AppSocket, "mine");

        var refused = await Assert.ThrowsAsync<OperatorException>(() => _bench.StartAsync());

        Assert.Contains("something else has that name", refused.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_bench.AppSocket));
        Assert.False(File.Exists(_bench.OperatorSocket));
    }

    [Fact]
    public async Task A_socket_on_which_somebody_listens_is_not_taken()
    {
        _ = Directory.CreateDirectory(Path.GetDirectoryName(_bench.AppSocket)!);
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(_bench.AppSocket));
        other.Listen();

        var refused = await Assert.ThrowsAsync<OperatorException>(() => _bench.StartAsync());

        Assert.Equal(FailureKind.Locked, refused.Kind);
        Assert.True(File.Exists(_bench.AppSocket));
    }

    [Fact]
    public async Task Noise_and_silence_on_a_connection_harm_nobody()
    {
        await _bench.StartAsync();
        var silent = Enumerable.Range(0, 20).Select(_ => ServiceBench.Connect(_bench.AppSocket)).ToList();
        using var noisy = ServiceBench.Connect(_bench.AppSocket);
        var noise = new byte[4096];
        new Random(7).NextBytes(noise);
        await noisy.SendAsync(noise, SocketFlags.None, Ct);

        var status = await _bench.StatusBy(_bench.AppSocket).GetStatusAsync(new GetStatusRequest { Source = "a" }, cancellationToken: Ct);

        Assert.Equal("a", status.Status.Sources.Single().Name);
        silent.ForEach(connection => connection.Dispose());
    }
}
