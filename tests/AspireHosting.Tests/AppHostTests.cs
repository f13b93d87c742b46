using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using BackupSidecar.AspireHosting.Commands;
using BackupSidecar.Contracts.V1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace BackupSidecar.AspireHosting.Tests;

/// <summary>The app host of this repository with its processes: Notes, the sidecar, the Drive emulator.</summary>
public sealed partial class AppHostTests
{
    private const string TagVariable = "BACKUPSIDECAR_TEST_IMAGE_TAG";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public Task Notes_are_backed_up_verified_and_restored_from_the_dashboard() => BackUpVerifyAndRestoreAsync(isFed: true);

    [Fact]
    public Task The_same_in_containers()
    {
        var tag = Environment.GetEnvironmentVariable(TagVariable);
        Assert.SkipWhen(string.IsNullOrEmpty(tag), $"{TagVariable} is not set: it names the tag of images of the sidecar and of Notes, for the container runtime of this machine.");
        return BackUpVerifyAndRestoreAsync(isFed: false, "--Containers=true", $"--Tag={tag}");
    }

    private static async Task BackUpVerifyAndRestoreAsync(bool isFed, params string[] arguments)
    {
        // Short, since paths of sockets lie below it.
        var home = Directory.CreateTempSubdirectory("aspire-").FullName;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Patience);
        var ct = deadline.Token;
        var socket = Path.Combine(home, "backup", "state", "operator", "sidecar.sock");
        try
        {
            var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([$"--Home={home}", .. arguments], ct);
            _ = builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error));
            await using (var app = await builder.BuildAsync(ct))
            {
                await app.StartAsync(ct);
                try
                {
                    _ = await app.ResourceNotifications.WaitForResourceHealthyAsync("notes", ct);
                    _ = await app.ResourceNotifications.WaitForResourceHealthyAsync("backup", ct);
                    await BackUpVerifyAndRestoreAsync(app, ct);
                    if (isFed)
                    {
                        await AssertFedAsync(socket, ct);
                    }
                }
                catch (Exception e) when (deadline.IsCancellationRequested)
                {
                    throw new TimeoutException($"The app host has not come through within {Patience}. {Describe(app)}", e);
                }
            }

            // The sidecar went with the app host.
            using var call = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            _ = Assert.ThrowsAny<SocketException>(() => call.Connect(new UnixDomainSocketEndPoint(socket)));
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }

    private static async Task BackUpVerifyAndRestoreAsync(DistributedApplication app, CancellationToken ct)
    {
        using var notes = app.CreateHttpClient("notes");
        Assert.True(await IsDurableAsync(notes, "kept", ct));
        var backup = await CommandAsync(app, "back-up", ct);
        var position = Assert.Single(PositionOfBackup().Matches(backup)).Groups[1].Value;
        Assert.True(await IsDurableAsync(notes, "written by mistake", ct));
        Assert.Equal(["written by mistake", "kept"], await TextsAsync(notes, ct));

        Assert.StartsWith("Proved: ", await CommandAsync(app, "verify", ct), StringComparison.Ordinal);

        var restored = await RestartAsync(app, "notes", () => CommandAsync(app, "restore", ct, ("point", position)), ct);
        Assert.Contains("is staged. It is put in place when 'notes' starts again", restored, StringComparison.Ordinal);
        Assert.Equal(["kept"], await TextsAsync(notes, ct));
    }

    [GeneratedRegex("^notes: backup [0-9a-f]{32} of position ([0-9]+)\\.$")]
    private static partial Regex PositionOfBackup();

    private static async Task<string> CommandAsync(DistributedApplication app, string name, CancellationToken ct, params (string Name, string Value)[] arguments)
    {
        var inputs = arguments.Select(argument => new InteractionInput { Name = argument.Name, InputType = InputType.Text, Value = argument.Value }).ToList();
        var result = await app.ResourceCommands.ExecuteCommandAsync("backup", name, new InteractionInputCollection(inputs), ct);

        Assert.True(result.Success, result.Message);
        return result.Message ?? "";
    }

    /// <summary>Does something that lets a resource start again, and waits until it has.</summary>
    private static async Task<T> RestartAsync<T>(DistributedApplication app, string resource, Func<Task<T>> act, CancellationToken ct)
    {
        Assert.True(app.ResourceNotifications.TryGetCurrentState(resource, out var before));
        var first = before.Snapshot.StartTimeStamp;
        var result = await act();
        _ = await app.ResourceNotifications.WaitForResourceAsync(
            resource, change => change.Snapshot.StartTimeStamp > first && change.Snapshot.State?.Text == KnownResourceStates.Running && change.Snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy, ct);
        return result;
    }

    private static string Describe(DistributedApplication app) => string.Join(", ", ((string[])["backup", "notes"]).Select(name =>
        app.ResourceNotifications.TryGetCurrentState(name, out var known) ? $"{name}: {known.Snapshot.State?.Text}, {known.Snapshot.HealthStatus}, exit code {known.Snapshot.ExitCode}" : $"{name}: unknown"));

    private static async Task<bool> IsDurableAsync(HttpClient notes, string text, CancellationToken ct)
    {
        using var saved = await notes.PostAsJsonAsync("/notes", new { text }, ct);
        return (await saved.Content.ReadFromJsonAsync<JsonObject>(ct))!["isDurable"]!.GetValue<bool>();
    }

    private static async Task<List<string>> TextsAsync(HttpClient notes, CancellationToken ct) =>
        [.. (await notes.GetFromJsonAsync<JsonArray>("/notes", ct))!.Select(note => note!["text"]!.GetValue<string>())];

    /// <summary>Waits until the Drive emulator holds what was captured.</summary>
    private static async Task AssertFedAsync(string socket, CancellationToken ct)
    {
        using var calls = new OperatorCalls(socket);
        using var watch = new StatusService.StatusServiceClient(calls.Invoker).WatchStatus(new WatchStatusRequest(), cancellationToken: ct);
        await foreach (var change in watch.ResponseStream.ReadAllAsync(ct))
        {
            if (change.Status.Sources is [{ Remotes: [{ Name: "drive", Packs: > 0, Position: not null }] }])
            {
                return;
            }
        }

        Assert.Fail("The sidecar ended before it had fed the Drive emulator.");
    }
}
