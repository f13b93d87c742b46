using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace BackupSidecar.AspireHosting.Tests;

/// <summary>What an app gets from its sidecar.</summary>
public sealed class AppModelTests
{
    private static readonly string Home = Path.Combine(AppModel.Home, "home");

    [Fact]
    public async Task A_process_gets_paths_of_this_machine()
    {
        await using var model = new AppModel();
        var backup = model.Builder.AddBackupSidecar("backup").WithHomeDirectory("home").WithDatabase("notes");
        var app = model.Builder.AddExecutable("app", "app", ".").WithBackupSidecar(backup).WithEnvironment("Database", backup.GetDatabasePath("notes"));
        Allocate(backup.Resource);
        await model.CompleteAsync();

        var variables = await model.VariablesAsync(app.Resource);

        Assert.Equal($"Endpoint=unix:{Home}/run/sidecar.sock", variables["ConnectionStrings__backup"]);
        Assert.Equal($"unix:{Home}/run/sidecar.sock", variables["BACKUP_ENDPOINT"]);
        Assert.Equal($"{Home}/data/notes.db", variables["Database"]);
        Assert.Equal("http://localhost:7003", variables["services__backup__grpc__0"]);
        Assert.Contains(app.Resource.Annotations.OfType<WaitAnnotation>(), wait => wait.Resource == backup.Resource);
        Assert.Empty(app.Resource.Annotations.OfType<ContainerMountAnnotation>());
    }

    [Fact]
    public async Task A_container_gets_its_own_paths_the_folders_and_the_user_that_they_belong_to()
    {
        await using var model = new AppModel();
        var backup = model.Builder.AddBackupSidecar("backup").WithHomeDirectory("home").WithDatabase("notes");
        var app = model.Builder.AddContainer("app", "app").WithEnvironment("Database", backup.GetDatabasePath("notes"));
        _ = app.WithAnnotation(new ContainerMountAnnotation("/elsewhere", "/data", ContainerMountType.BindMount, isReadOnly: false)).WithBackupSidecar(backup);
        await model.CompleteAsync();

        Assert.Equal(
            [("/elsewhere", "/data"), ($"{Home}/run", "/run/backup-sidecar")], app.Resource.Annotations.OfType<ContainerMountAnnotation>().Select(mount => (mount.Source, mount.Target)));
        Assert.Matches("^--user=[0-9]+:[0-9]+$", Assert.Single(await AppModel.RuntimeArgumentsAsync(app.Resource)));
        var context = new ValueProviderContext { ExecutionContext = model.Builder.ExecutionContext, Caller = app.Resource };
        Assert.Equal("Endpoint=unix:/run/backup-sidecar/sidecar.sock", await backup.Resource.ConnectionStringExpression.GetValueAsync(context, TestContext.Current.CancellationToken));
        Assert.Equal("/data/notes.db", await backup.GetDatabasePath("notes").GetValueAsync(context, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Where_there_are_several_databases_the_app_is_told_which_is_its_own()
    {
        await using var model = new AppModel();
        var backup = model.Builder.AddBackupSidecar("backup").WithHomeDirectory("home").WithDatabase("notes").WithDatabase("jobs");
        var app = model.Builder.AddExecutable("app", "app", ".").WithBackupSidecar(backup, database: "jobs");
        Allocate(backup.Resource);

        Assert.Equal($"Endpoint=unix:{Home}/run/sidecar.sock;Source=jobs", (await model.VariablesAsync(app.Resource))["ConnectionStrings__backup"]);
    }

    [Fact]
    public async Task What_is_published_shares_volumes()
    {
        await using var model = AppModel.Published();
        var backup = model.Builder.AddBackupSidecar("backup").WithDatabase("notes");
        var app = model.Builder.AddProject<Projects.Notes>("app").WithBackupSidecar(backup);
        await model.CompleteAsync();

        Assert.Equal(
            [("backup-data", "/data"), ("backup-run", "/run/backup-sidecar")], app.Resource.Annotations.OfType<ContainerMountAnnotation>().Select(mount => (mount.Source, mount.Target)));
        Assert.Equal("{backup.connectionString}", (await model.VariablesAsync(app.Resource))["ConnectionStrings__backup"]);
        Assert.Equal("Endpoint=unix:/run/backup-sidecar/sidecar.sock", backup.Resource.ConnectionStringExpression.ValueExpression);
    }

    [Fact]
    public async Task One_watcher_restarts_all_apps()
    {
        await using var model = new AppModel();
        var backup = model.Builder.AddBackupSidecar("backup").WithDatabase("notes");
        _ = model.Builder.AddExecutable("one", "app", ".").WithBackupSidecar(backup);
        _ = model.Builder.AddExecutable("two", "app", ".").WithBackupSidecar(backup);

        Assert.Single(model.Builder.Services, service => service.ServiceType == typeof(IHostedService) && service.ImplementationType == typeof(AppRestarts));
    }

    private static void Allocate(IResource sidecar)
    {
        AppModel.Allocate(sidecar, "monitor", port: 7001, targetPort: 9090);
        AppModel.Allocate(sidecar, "grpc", port: 7003, targetPort: 9091);
    }
}
