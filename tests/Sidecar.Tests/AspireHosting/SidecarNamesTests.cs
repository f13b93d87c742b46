using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using BackupSidecar.AspireHosting;
using BackupSidecar.Client;
using BackupSidecar.DriveEmulator;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Service;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Architecture;
using BackupSidecar.Tests.Cli;
using BackupSidecar.Tests.Hosting.Service;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace BackupSidecar.Tests.AspireHosting;

/// <summary>The integration with Aspire and the program mean the same. It is built only where Aspire's packages are; these tests run everywhere.</summary>
public sealed class SidecarNamesTests
{
    [Fact]
    public void Its_variables_are_a_configuration_without_a_mistake()
    {
        var loaded = new ConfigurationSources
        {
            Variables = new Dictionary<string, string>
            {
                [SidecarNames.RepositoryPath] = SidecarNames.RepositoryFolder,
                [SidecarNames.StatePath] = SidecarNames.StateFolder,
                [SidecarNames.AppSocket] = $"{SidecarNames.RunFolder}/{SidecarNames.SocketFile}",
                [SidecarNames.MonitorListen] = $"0.0.0.0:{SidecarNames.MonitorPort}",
                [SidecarNames.MonitorGrpcListen] = $"127.0.0.1:{SidecarNames.HealthGrpcPort}",
                [SidecarNames.ShutdownDeadline] = SidecarNames.ShutdownDeadlineValue,
                [SidecarNames.SourceName(0)] = "notes",
                [SidecarNames.SourcePath(0)] = $"{SidecarNames.DataFolder}/notes.db",
                [SidecarNames.SourceStartEmpty(0)] = "true",
                [SidecarNames.SourceName(1)] = "jobs",
                [SidecarNames.SourcePath(1)] = $"{SidecarNames.DataFolder}/jobs.db",
                [SidecarNames.RemoteName(0)] = "drive",
                [SidecarNames.RemoteInterval(0)] = "5s",
                [SidecarNames.DriveFolder(0)] = "abc_DEF",
                [SidecarNames.DriveSharedDrive(0)] = "team",
                [SidecarNames.DriveCredentialVariable(0)] = SidecarNames.DriveCredential(0),
                [SidecarNames.DriveCredentialKind(0)] = SidecarNames.DriveKindJson,
                [SidecarNames.DriveCredential(0)] = "{}",
                [SidecarNames.RemoteName(1)] = "emulator",
                [SidecarNames.DriveFolder(1)] = "abc",
                [SidecarNames.DriveCredentialVariable(1)] = SidecarNames.DriveCredential(1),
                [SidecarNames.DriveCredentialKind(1)] = SidecarNames.DriveKindAccessToken,
                [SidecarNames.DriveEndpoint(1)] = "http://localhost:40000",
            },
        }.Load();

        Assert.Empty(loaded.Problems);
        var options = loaded.Options;
        Assert.Equal((SidecarNames.RepositoryFolder, SidecarNames.StateFolder), (options.RepositoryPath, options.StatePath));
        Assert.Equal("/run/backup-sidecar/sidecar.sock", options.Service.AppSocket);
        Assert.Equal((new IPEndPoint(IPAddress.Any, 9090), new IPEndPoint(IPAddress.Loopback, 9091)), (options.Service.MonitorListen, options.Service.MonitorGrpcListen));
        Assert.Equal([("notes", "/data/notes.db", true), ("jobs", "/data/jobs.db", false)], options.Sources.Select(source => (source.Name, source.Path, source.StartEmpty)));
        Assert.Equal([("drive", TimeSpan.FromSeconds(5)), ("emulator", TimeSpan.FromMinutes(1))], options.Remotes.Select(remote => (remote.Name, remote.Interval)));
        var (drive, emulator) = (options.Remotes[0].Drive!, options.Remotes[1].Drive!);
        Assert.Equal(("abc_DEF", "team", "GOOGLE_DRIVE_CREDENTIAL_0", DriveCredentialKind.Json), (drive.Folder, drive.SharedDrive, drive.CredentialVariable, drive.CredentialKind));
        Assert.Equal((DriveCredentialKind.AccessToken, new Uri("http://localhost:40000")), (emulator.CredentialKind, emulator.Endpoint));
    }

    [Fact]
    public void Its_sockets_are_where_the_program_listens()
    {
        Assert.Equal($"{SidecarNames.StateFolder}/{SidecarNames.OperatorSocket}", SocketPath.ForOperators(SidecarNames.StateFolder));
        Assert.Equal(SidecarNames.SocketPathBytesMax, SocketPath.ForApp("/s", "/" + new string('a', SidecarNames.SocketPathBytesMax - 1)).Length);
        Assert.Throws<OperatorException>(() => SocketPath.ForApp("/s", "/" + new string('a', SidecarNames.SocketPathBytesMax)));
    }

    [Fact]
    public void Its_connection_string_is_read_by_the_client_under_the_name_that_it_looks_for()
    {
        var text = $"{SidecarNames.EndpointKey}={SidecarNames.UnixScheme}/run/a.sock;{SidecarNames.SourceKey}=notes";
        using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new($"ConnectionStrings:{SidecarNames.ConnectionName}", text)]).Build())
            .AddBackupSidecar(options => options.Address = "")
            .BuildServiceProvider();

        var options = services.GetRequiredService<IOptions<BackupSidecarOptions>>().Value;

        Assert.Equal(("unix:/run/a.sock", "notes", SidecarNames.RestartExitCode), (options.Address, options.Source, options.RestartExitCode));
    }

    [Theory]
    [InlineData("notes", true)]
    [InlineData("a.b-c_d", true)]
    [InlineData("_a", true)]
    [InlineData(".a", false)]
    [InlineData("-a", false)]
    [InlineData("..", false)]
    [InlineData("a b", false)]
    [InlineData("ä", false)]
    [InlineData("", false)]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234", true)]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345", false)]
    public void It_allows_the_names_that_the_program_allows(string name, bool isAllowed)
    {
        Assert.Equal(isAllowed, SourceName.IsValid(name));
        Assert.Equal(isAllowed, SidecarNames.IsName(name));
    }

    [Fact]
    public async Task Its_command_makes_a_repository_in_Drive_and_finds_it_again()
    {
        using var scratch = new ScratchDirectory();
        await using var drive = await EmulatorHost.StartAsync(new EmulatorOptions { DataDirectory = scratch.Join("drive"), AnyToken = true }, TestContext.Current.CancellationToken);
        var bench = new CommandLineBench();
        bench.Variables["DRIVE_TOKEN"] = "any";
        string[] command = [.. SidecarNames.AddDriveRepository("drive", "DRIVE_TOKEN"), SidecarNames.EndpointOption, drive.BaseAddress.ToString()];

        Assert.Equal(0, await bench.RunAsync([.. command, SidecarNames.NewFolderOption, "notes", "--json"]));
        var folder = JsonNode.Parse(bench.OutLines[^1])!["configuration"]!["remotes"]![0]!["drive"]!["folder"]!.GetValue<string>();
        Assert.Equal(0, await bench.RunAsync([.. command, SidecarNames.FolderOption, folder]));
    }

    [Fact]
    public void The_sample_app_is_the_image_that_its_build_file_makes()
    {
        var image = File.ReadAllText(Path.Combine(CompilerInputs.FindRoot(), "samples", "Notes", "Dockerfile"));
        var compose = File.ReadAllText(Path.Combine(CompilerInputs.FindRoot(), "samples", "compose.yaml"));

        Assert.Contains($"EXPOSE {SidecarNames.NotesPort}", image, StringComparison.Ordinal);
        Assert.Contains($"image: {SidecarNames.NotesImage}:${{TAG:-{SidecarNames.ImageTag}}}", compose, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_folders_are_those_of_the_image()
    {
        var image = File.ReadAllText(Path.Combine(CompilerInputs.FindRoot(), "Dockerfile"));
        var folders = string.Join(' ', ((string[])[SidecarNames.DataFolder, SidecarNames.RepositoryFolder, SidecarNames.StateFolder, SidecarNames.RunFolder]).Select(folder => folder[1..]));

        Assert.Contains($"for folder in {folders};", image, StringComparison.Ordinal);
        Assert.Contains($"docker build -t {SidecarNames.Image} .", image, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_paths_answer_at_the_address_for_monitoring()
    {
        await using var bench = new ServiceBench();
        var address = FreeAddress();
        await bench.StartAsync(change: settings => settings with { MonitorListen = address });
        using var http = new HttpClient { BaseAddress = new Uri($"http://{address}") };

        Assert.Equal("ok\n", await http.GetStringAsync(SidecarNames.ReadinessPath, TestContext.Current.CancellationToken));
        Assert.Contains("backupsidecar_sources", await http.GetStringAsync(SidecarNames.MetricsPath, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_command_is_one_of_the_program()
    {
        var bench = new CommandLineBench();

        Assert.Equal(0, await bench.RunAsync(SidecarNames.ServeCommand, "--help"));
        Assert.Contains(bench.OutLines, line => line.Contains($"{SidecarNames.ServeCommand} [options]", StringComparison.Ordinal));
    }

    private static IPEndPoint FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }
}
