using System.Net.Sockets;
using BackupSidecar.Cli;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Doctor;
using BackupSidecar.Hosting.Service;
using BackupSidecar.Repository;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Repository;
using Xunit;

namespace BackupSidecar.Tests.Cli;

/// <summary>What commands say of an environment that is not as they need it: true, and with a next step that works.</summary>
public sealed class AdviceTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly CommandLineBench _bench = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Repository => _directory.Join("repository");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, true)]
    public async Task A_credential_that_others_may_read_is_told_with_its_mode(UnixFileMode mode, bool isTold)
    {
        var token = _directory.Join("token");
        await File.WriteAllTextAsync(token, "a-token-of-nobody", Ct);
        File.SetUnixFileMode(token, mode);

        var told = new List<string>();
        using var stores = RemoteStores.OfOneCommand(told.Add, _bench.Surroundings);
        foreach (var name in (string[])["one", "other"])
        {
            _ = stores.Of(new RemoteOptions { Name = name, Drive = new DriveRemoteOptions { Folder = "f", CredentialFile = token, CredentialKind = DriveCredentialKind.AccessToken } });
        }

        Assert.Equal(isTold ? 1 : 0, told.Count);
        Assert.All(told, text => Assert.Contains($"{token}: its mode is 0644. Run 'chmod 600 {token}'", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Doctor_and_config_check_refuse_a_state_directory_that_serve_refuses()
    {
        var data = Directory.CreateDirectory(_directory.Join("data")).FullName;
        var file = _directory.Join("state");
        await File.WriteAllTextAsync(file, "", Ct);
        foreach (var (state, message) in new[] { (data, "is the directory of the database"), (file, "is a file, and a directory is needed") })
        {
            var config = await WriteConfigAsync($$"""{ "repository": { "path": "{{Repository}}" }, "state": { "path": "{{state}}" }, "sources": [{ "path": "{{data}}/app.db" }] }""");
            foreach (var command in (string[][])[["config", "check"], ["serve"]])
            {
                var bench = new CommandLineBench();

                Assert.Equal(ExitCode.Failed, await bench.RunAsync([.. command, "--config", config]));

                Assert.Contains(bench.ErrorLines, line => line.Contains(message, StringComparison.Ordinal));
            }

            Assert.Contains(await DoctorAsync(Path.Join(data, "app.db"), repository: null, state), finding => finding.Severity == Severity.Unsafe && finding.Subject == state && finding.Reason.Contains(message, StringComparison.Ordinal));
        }

        Assert.False(Directory.Exists(Repository));
    }

    [Fact]
    public async Task Doctor_refuses_a_directory_that_is_no_repository_and_holds_something()
    {
        var data = Directory.CreateDirectory(_directory.Join("data")).FullName;
        await File.WriteAllTextAsync(Path.Join(data, "app.db"), "", Ct);

        Assert.Contains(await DoctorAsync(Path.Join(data, "app.db"), data, state: null), finding => finding.Severity == Severity.Unsafe && finding.Reason.Contains("is no repository, and it is not empty", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Doctor_tells_of_a_lost_record()
    {
        await using (var repository = await BackupRepository.OpenForWritingAsync(new FileSystemStore(Repository), "the test", createIfMissing: true, TimeProvider.System, Ct))
        {
            _ = await RepositorySamples.PublishBackupAsync(repository, await repository.RegisterSourceAsync("app", Ct), 0, 1);
        }

        File.Delete(Path.Join(Repository, "sources", "app.json"));

        Assert.Contains(await DoctorAsync(_directory.Join("app.db"), Repository, state: null), finding => finding.Severity == Severity.Unsafe && finding.Reason.Contains("whose name is lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_remote_that_is_away_is_not_to_be_made_by_a_backup()
    {
        await using (await BackupRepository.OpenForWritingAsync(new FileSystemStore(Repository), "the test", createIfMissing: true, TimeProvider.System, Ct))
        {
        }

        var config = await WriteConfigAsync($$"""{ "repository": { "path": "{{Repository}}" }, "sources": [{ "path": "/d/app.db" }], "remotes": [{ "name": "offsite", "path": "{{_directory.Join("away")}}" }] }""");

        Assert.Equal(ExitCode.Partial, await _bench.RunAsync("repository", "list", "--config", config));

        Assert.Contains("volume is mounted", _bench.Out, StringComparison.Ordinal);
        Assert.Contains("'repository add' one beside it", _bench.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_without_any_restore_point_is_not_verified_with_0()
    {
        await using (var repository = await BackupRepository.OpenForWritingAsync(new FileSystemStore(Repository), "the test", createIfMissing: true, TimeProvider.System, Ct))
        {
            _ = await repository.RegisterSourceAsync("app", Ct);
        }

        Assert.Equal(ExitCode.Partial, await _bench.RunAsync("verify", "--repository", Repository));

        Assert.StartsWith("NOTHING TO RESTORE", _bench.OutLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_at_a_socket_is_told_apart_from_no_socket()
    {
        var socket = _directory.Join("s");
        Assert.Equal(ExitCode.Failed, await _bench.RunAsync("status", "--sidecar", $"unix:{socket}"));
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            left.Bind(new UnixDomainSocketEndPoint(socket));
            Assert.Equal(ExitCode.Failed, await _bench.RunAsync("status", "--sidecar", $"unix:{socket}"));
        }

        Assert.Contains(_bench.ErrorLines, line => line.EndsWith($"with the socket {socket}: there is no such file.", StringComparison.Ordinal));
        Assert.Contains(_bench.ErrorLines, line => line.EndsWith($"with the socket {socket}: nobody listens there.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_a_configuration_that_cannot_be_read_the_default_socket_is_not_taken_for_the_one_that_is_meant()
    {
        _bench.Variables["HOME"] = _directory.Join("home");

        Assert.Equal(ExitCode.Failed, await _bench.RunAsync("status", "--config", await WriteConfigAsync("{ no json")));

        Assert.Contains("configuration could not be read", _bench.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Contains("--state", _bench.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_is_not_taken_for_a_configuration()
    {
        Assert.Equal(ExitCode.Failed, await _bench.RunAsync("config", "check", "--config", _directory.Join(".")));

        Assert.Contains(_bench.ErrorLines, line => line.Contains("is a directory", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pack_that_is_empty_is_told_by_a_list_and_what_needs_it_is_not_restorable()
    {
        await using (var repository = await BackupRepository.OpenForWritingAsync(new FileSystemStore(Repository), "the test", createIfMissing: true, TimeProvider.System, Ct))
        {
            _ = await RepositorySamples.PublishBackupAsync(repository, await repository.RegisterSourceAsync("app", Ct), 0, 1);
        }

        var pack = Directory.GetFiles(Path.Join(Repository, "packs"), "*", SearchOption.AllDirectories).Single();
        await File.WriteAllBytesAsync(pack, [], Ct);

        Assert.Equal(ExitCode.Partial, await _bench.RunAsync("list", "--points", "--json", "--repository", Repository));

        Assert.Contains(_bench.OutLines, line => line.Contains("\"point\"", StringComparison.Ordinal) && line.Contains("\"restorable\":false", StringComparison.Ordinal));
        Assert.Contains("has 0 bytes", _bench.Out + string.Join('\n', _bench.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_serve_of_one_state_makes_no_repository()
    {
        var state = Directory.CreateDirectory(_directory.Join("state")).FullName;
        await using (StateOwnership.Take(state))
        {
            var config = await WriteConfigAsync($$"""{ "repository": { "path": "{{Repository}}" }, "state": { "path": "{{state}}" }, "sources": [{ "path": "/d/app.db" }] }""");

            Assert.Equal(ExitCode.Locked, await _bench.RunAsync("serve", "--config", config));
        }

        Assert.False(Directory.Exists(Repository));
    }

    /// <summary>Without its second process, which would be this runner of tests.</summary>
    private static Task<IReadOnlyList<DoctorFinding>> DoctorAsync(string database, string? repository, string? state) =>
        new DoctorRun(new DoctorRequest([new DoctorDatabase(database, Assisted: null)], repository, state, _ => throw new IOException("there is none")), TimeProvider.System).ExecuteAsync(Ct);

    private async Task<string> WriteConfigAsync(string text)
    {
        var config = _directory.Join("serve.jsonc");
        await File.WriteAllTextAsync(config, text, Ct);
        return config;
    }
}
