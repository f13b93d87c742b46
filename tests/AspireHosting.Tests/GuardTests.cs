using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupSidecar.AspireHosting.Tests;

/// <summary>What cannot work is refused, with what to do.</summary>
public sealed class GuardTests : IAsyncDisposable
{
    private readonly AppModel _model = new();

    [Theory]
    [InlineData("", null, "'' is no name")]
    [InlineData("my notes", null, "'my notes' is no name")]
    [InlineData("notes", "a/notes.db", "'a/notes.db' is no name of a file")]
    [InlineData("notes", "..", "'..' is no name of a file")]
    public void A_database_needs_a_name_and_a_file_name(string name, string? fileName, string problem) =>
        Assert.Contains(problem, Assert.ThrowsAny<ArgumentException>(() => Container().WithDatabase(name, fileName)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_database_is_added_once() =>
        Assert.Contains("already", Assert.Throws<ArgumentException>(() => Container().WithDatabase("notes").WithDatabase("notes", "other.db")).Message, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_database_is_named_with_those_that_are_known()
    {
        var backup = Container().WithDatabase("notes").WithDatabase("jobs");

        Assert.Contains("follows no database 'ledger', only 'notes', 'jobs'", Assert.Throws<InvalidOperationException>(() => backup.GetDatabasePath("ledger")).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => _model.Builder.AddExecutable("app", "app", ".").WithBackupSidecar(backup, database: "ledger"));
    }

    [Fact]
    public void A_process_has_no_volume() =>
        Assert.Contains("use WithDataDirectory", Assert.Throws<InvalidOperationException>(() => Project().WithDataVolume()).Message, StringComparison.Ordinal);

    [Fact]
    public async Task An_app_that_is_a_process_cannot_use_a_volume()
    {
        var backup = Container().WithDatabase("notes").WithDataVolume();
        var app = _model.Builder.AddExecutable("app", "app", ".").WithEnvironment("Database", backup.GetDatabasePath("notes"));

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _model.VariablesAsync(app.Resource));

        Assert.Contains("'app' is a process of this machine", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_and_a_directory_for_one_sidecar_are_refused()
    {
        var backup = Container().WithDatabase("notes").WithDataVolume().WithRepositoryDirectory("elsewhere");

        Assert.Contains("leave WithRepositoryDirectory away", Assert.Throws<InvalidOperationException>(() => SidecarLayout.Of(backup.Resource).Prepare()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_credential_is_a_secret()
    {
        var folder = _model.Builder.AddParameter("folder", () => "abc");
        var credential = _model.Builder.AddParameter("credential", () => "{}");

        Assert.Contains("secret: true", Assert.Throws<ArgumentException>(() => Container().WithGoogleDrive("drive", folder.Resource, credential)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_does_not_reach_an_emulator()
    {
        var folder = _model.Builder.AddParameter("folder", () => "abc");
        var token = _model.Builder.AddParameter("token", () => "any", secret: true);
        var emulator = _model.Builder.AddExecutable("drive", "drive", ".").WithHttpEndpoint();

        Assert.Contains(
            "use AddBackupSidecarProject",
            Assert.Throws<InvalidOperationException>(() => Container().WithGoogleDriveEmulator("drive", folder.Resource, token, emulator.GetEndpoint("http"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_without_a_database_or_with_too_long_a_socket_is_refused()
    {
        Assert.Contains("add one by WithDatabase", Assert.Throws<InvalidOperationException>(() => SidecarLayout.Of(Container().Resource).Prepare()).Message, StringComparison.Ordinal);
        var deep = Project().WithDatabase("notes").WithHomeDirectory(new string('x', 100));
        Assert.Contains("WithHomeDirectory", Assert.Throws<InvalidOperationException>(() => SidecarLayout.Of(deep.Resource).Prepare()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_of_a_sidecar_that_is_not_reached_says_so()
    {
        var backup = Project().WithDatabase("notes").WithHomeDirectory("nobody");
        using var services = new ServiceCollection().BuildServiceProvider();

        var result = await Command(backup, "back-up", services);

        Assert.Equal((false, "The sidecar does not answer: its log in the dashboard says why."), (result.Success, result.Message));
    }

    public ValueTask DisposeAsync() => _model.DisposeAsync();

    private IResourceBuilder<IBackupSidecarResource> Container() => _model.Builder.AddBackupSidecar("backup");

    private IResourceBuilder<IBackupSidecarResource> Project() => _model.Builder.AddBackupSidecarProject<Projects.Sidecar>("local");

    private static Task<ExecuteCommandResult> Command(IResourceBuilder<IBackupSidecarResource> backup, string name, IServiceProvider services) =>
        backup.Resource.Annotations.OfType<ResourceCommandAnnotation>().Single(command => command.Name == name).ExecuteCommand(new ExecuteCommandContext
        {
            Services = services,
            ResourceName = backup.Resource.Name,
            CancellationToken = TestContext.Current.CancellationToken,
            Logger = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
            Arguments = new InteractionInputCollection([]),
        });
}
