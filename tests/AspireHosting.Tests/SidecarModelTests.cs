using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Xunit;

namespace BackupSidecar.AspireHosting.Tests;

/// <summary>The sidecar itself in the model, in either shape.</summary>
public sealed class SidecarModelTests
{
    [Fact]
    public async Task A_container_has_its_image_its_mounts_and_its_configuration()
    {
        await using var model = new AppModel();
        var backup = model.Builder.AddBackupSidecar("backup", tag: "1.2").WithHomeDirectory("home").WithDatabase("notes").WithDatabase("jobs", "queue.sqlite", startEmpty: false);
        await model.CompleteAsync();

        Assert.True(backup.Resource.TryGetContainerImageName(out var image));
        Assert.Equal("backup-sidecar:1.2", image);
        var home = Path.Combine(AppModel.Home, "home");
        Assert.Equal(
            [($"{home}/data", "/data"), ($"{home}/backups", "/backups"), ($"{home}/state", "/state"), ($"{home}/run", "/run/backup-sidecar")],
            Mounts(backup.Resource).Select(mount => (mount.Source, mount.Target)));
        Assert.All(Mounts(backup.Resource), mount => Assert.Equal((ContainerMountType.BindMount, false), (mount.Type, mount.IsReadOnly)));
        var variables = await model.VariablesAsync(backup.Resource);
        Assert.Equal(
            [
                ("BACKUPSIDECAR__REPOSITORY__PATH", "/backups"), ("BACKUPSIDECAR__SERVICE__APP_SOCKET", "/run/backup-sidecar/sidecar.sock"), ("BACKUPSIDECAR__SERVICE__MONITOR_GRPC_LISTEN", "0.0.0.0:9091"),
                ("BACKUPSIDECAR__SERVICE__MONITOR_LISTEN", "0.0.0.0:9090"), ("BACKUPSIDECAR__SHUTDOWN__DEADLINE", "8s"), ("BACKUPSIDECAR__SOURCES__0__NAME", "notes"),
                ("BACKUPSIDECAR__SOURCES__0__PATH", "/data/notes.db"), ("BACKUPSIDECAR__SOURCES__0__START_EMPTY", "true"), ("BACKUPSIDECAR__SOURCES__1__NAME", "jobs"),
                ("BACKUPSIDECAR__SOURCES__1__PATH", "/data/queue.sqlite"), ("BACKUPSIDECAR__SOURCES__1__START_EMPTY", "false"), ("BACKUPSIDECAR__STATE__PATH", "/state"),
            ],
            variables.Where(pair => pair.Key.StartsWith("BACKUPSIDECAR__", StringComparison.Ordinal)).Select(pair => (pair.Key, pair.Value!)).OrderBy(pair => pair.Key, StringComparer.Ordinal));
        var arguments = await AppModel.RuntimeArgumentsAsync(backup.Resource);
        Assert.Equal(["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"], arguments.Take(3));
        Assert.Matches("^--user=[0-9]+:[0-9]+$", Assert.Single(arguments.Skip(3)));
    }

    [Fact]
    public async Task A_project_has_the_same_configuration_with_paths_of_this_machine_on_loopback()
    {
        await using var model = new AppModel();
        var backup = model.Builder.AddBackupSidecarProject<Projects.Sidecar>("backup").WithHomeDirectory("home").WithDatabase("notes");
        AppModel.Allocate(backup.Resource, "monitor", port: 7001, targetPort: 7002);
        AppModel.Allocate(backup.Resource, "grpc", port: 7003, targetPort: 7004);
        await model.CompleteAsync();

        var home = Path.Combine(AppModel.Home, "home");
        var variables = await model.VariablesAsync(backup.Resource);
        Assert.Equal($"{home}/data/notes.db", variables["BACKUPSIDECAR__SOURCES__0__PATH"]);
        Assert.Equal($"{home}/run/sidecar.sock", variables["BACKUPSIDECAR__SERVICE__APP_SOCKET"]);
        Assert.Equal("127.0.0.1:7002", variables["BACKUPSIDECAR__SERVICE__MONITOR_LISTEN"]);
        Assert.Equal("127.0.0.1:7004", variables["BACKUPSIDECAR__SERVICE__MONITOR_GRPC_LISTEN"]);
        Assert.Empty(Mounts(backup.Resource));
        Assert.IsType<BackupSidecarProjectResource>(backup.Resource);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Both_have_endpoints_a_health_check_and_commands(bool isProject)
    {
        await using var model = new AppModel();
        var backup = Add(model, isProject).WithDatabase("notes");

        Assert.Equal(
            [("monitor", "http", "http"), ("grpc", "http", "http2")],
            backup.Resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => (endpoint.Name, endpoint.UriScheme, endpoint.Transport)));
        Assert.Single(backup.Resource.Annotations.OfType<HealthCheckAnnotation>());
        var commands = backup.Resource.Annotations.OfType<ResourceCommandAnnotation>().ToList();
        Assert.Equal([("back-up", "Back up now"), ("verify", "Verify"), ("restore", "Restore…")], commands.Select(command => (command.Name, command.DisplayName)));
        Assert.Equal([false, false, true], commands.Select(command => command.ConfirmationMessage is not null));
        Assert.Equal(["source", "point"], commands[2].Arguments.Select(argument => argument.Name));
        Assert.Equal(["serve"], await ArgumentsAsync(model, backup.Resource));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_published_is_a_container_with_volumes_and_without_commands(bool isProject)
    {
        await using var model = AppModel.Published();
        var backup = Add(model, isProject).WithDatabase("notes").WithDataDirectory("elsewhere");
        await model.CompleteAsync();

        Assert.IsType<BackupSidecarResource>(backup.Resource);
        Assert.Equal(
            [("backup-data", "/data"), ("backup-backups", "/backups"), ("backup-state", "/state"), ("backup-run", "/run/backup-sidecar")],
            Mounts(backup.Resource).Select(mount => (mount.Source, mount.Target)));
        Assert.All(Mounts(backup.Resource), mount => Assert.Equal(ContainerMountType.Volume, mount.Type));
        Assert.Empty(backup.Resource.Annotations.OfType<ResourceCommandAnnotation>());
        Assert.DoesNotContain(await AppModel.RuntimeArgumentsAsync(backup.Resource), argument => argument!.StartsWith("--user", StringComparison.Ordinal));
        Assert.Equal("/data/notes.db", (await model.VariablesAsync(backup.Resource))["BACKUPSIDECAR__SOURCES__0__PATH"]);
    }

    [Fact]
    public async Task What_is_published_holds_paths_as_plain_text()
    {
        await using var model = AppModel.Published();
        var backup = model.Builder.AddBackupSidecar("backup").WithDatabase("notes");

        // A publisher makes a variable to be filled in by hand of every provider that it does not know.
        Assert.Empty(backup.GetDatabasePath("notes").ValueProviders);
        Assert.All(backup.Resource.ConnectionStringExpression.ValueProviders, provider => Assert.Empty(Assert.IsType<ReferenceExpression>(provider).ValueProviders));
    }

    [Fact]
    public async Task Data_on_a_volume_takes_everything_onto_volumes_and_switches_the_commands_off()
    {
        await using var model = new AppModel();
        var backup = model.Builder.AddBackupSidecar("backup").WithDatabase("notes").WithDataVolume("ledger");
        await model.CompleteAsync();

        Assert.Equal(["ledger", "backup-backups", "backup-state", "backup-run"], Mounts(backup.Resource).Select(mount => mount.Source));
        Assert.DoesNotContain(await AppModel.RuntimeArgumentsAsync(backup.Resource), argument => argument!.StartsWith("--user", StringComparison.Ordinal));
        Assert.All(backup.Resource.Annotations.OfType<ResourceCommandAnnotation>(), command => Assert.Equal(ResourceCommandState.Disabled, StateOf(command, KnownResourceStates.Running)));
    }

    [Fact]
    public async Task Commands_are_there_while_it_runs()
    {
        await using var model = new AppModel();
        var backup = model.Builder.AddBackupSidecar("backup").WithDatabase("notes");

        Assert.All(backup.Resource.Annotations.OfType<ResourceCommandAnnotation>(), command =>
        {
            Assert.Equal(ResourceCommandState.Enabled, StateOf(command, KnownResourceStates.Running));
            Assert.Equal(ResourceCommandState.Disabled, StateOf(command, KnownResourceStates.Exited));
        });
    }

    [Fact]
    public async Task Google_Drive_is_configured_by_variables_of_which_one_is_secret()
    {
        await using var model = new AppModel();
        var folder = model.Builder.AddParameter("folder", () => "abc_DEF");
        var credential = model.Builder.AddParameter("credential", () => "{}", secret: true);
        var backup = model.Builder.AddBackupSidecar("backup").WithDatabase("notes").WithGoogleDrive("drive", folder.Resource, credential, sharedDrive: "team", interval: "30s");
        await model.CompleteAsync();

        var variables = await model.VariablesAsync(backup.Resource);

        Assert.Equal("drive", variables["BACKUPSIDECAR__REMOTES__0__NAME"]);
        Assert.Equal("abc_DEF", variables["BACKUPSIDECAR__REMOTES__0__DRIVE__FOLDER"]);
        Assert.Equal("team", variables["BACKUPSIDECAR__REMOTES__0__DRIVE__SHARED_DRIVE"]);
        Assert.Equal("json", variables["BACKUPSIDECAR__REMOTES__0__DRIVE__CREDENTIAL_KIND"]);
        Assert.Equal("30s", variables["BACKUPSIDECAR__REMOTES__0__INTERVAL"]);
        Assert.Equal("{}", variables[variables["BACKUPSIDECAR__REMOTES__0__DRIVE__CREDENTIAL_VARIABLE"]!]);
        Assert.False(variables.ContainsKey("BACKUPSIDECAR__REMOTES__0__DRIVE__ENDPOINT"));
    }

    private static IResourceBuilder<IBackupSidecarResource> Add(AppModel model, bool isProject) =>
        isProject ? model.Builder.AddBackupSidecarProject<Projects.Sidecar>("backup") : model.Builder.AddBackupSidecar("backup");

    private static List<ContainerMountAnnotation> Mounts(IResource resource) => [.. resource.Annotations.OfType<ContainerMountAnnotation>()];

    private static ResourceCommandState StateOf(ResourceCommandAnnotation command, string state) => command.UpdateState(new UpdateCommandStateContext
    {
        Services = null!,
        ResourceSnapshot = new CustomResourceSnapshot { ResourceType = "sidecar", Properties = [], State = state },
    });

    private static async Task<List<string?>> ArgumentsAsync(AppModel model, IResource resource)
    {
        List<object> arguments = [];
        foreach (var callback in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
        {
            await callback.Callback(new CommandLineArgsCallbackContext(arguments, resource, TestContext.Current.CancellationToken) { ExecutionContext = model.Builder.ExecutionContext });
        }

        return [.. arguments.Select(argument => argument.ToString())];
    }
}
