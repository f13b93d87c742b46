using System.Net.Http.Json;
using Xunit;

namespace BackupSidecar.Containers;

/// <summary>The compose sample as it stands in the repository.</summary>
public sealed class ComposeTests
{
    private const string Sample = "samples/compose.yaml";

    private static readonly string[] Victims = ["notes", "backup"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_killed_no_durable_note_is_lost_and_a_lost_volume_comes_back()
    {
        await Engine.RequireAsync();
        var project = await ProjectAsync();
        try
        {
            await ComposeAsync(project, "up --detach --no-build --wait");
            using var client = new HttpClient();
            for (var round = 0; round < 4; round++)
            {
                Assert.True(await WriteAsync(client, project, $"note {round}"));
                await ComposeAsync(project, $"kill {Victims[round % 2]}");
                await ComposeAsync(project, "up --detach --no-build --wait");
            }

            await ComposeAsync(project, "down");
            await Docker.RunAsync(["volume", "rm", $"{project}_data", $"{project}_state"], Ct);
            await ComposeAsync(project, "up --detach --no-build --wait");

            var notes = await ReadAsync(client, project);
            Assert.All(Enumerable.Range(0, 4), round => Assert.Contains($"note {round}", notes, StringComparison.Ordinal));
        }
        finally
        {
            await Docker.RunAsync(Arguments(project, "down --volumes --timeout 5"), CancellationToken.None);
        }
    }

    [Fact]
    public async Task Profile_restore_puts_the_database_in_place_before_the_app_starts()
    {
        await Engine.RequireAsync();
        var project = await ProjectAsync();
        try
        {
            await ComposeAsync(project, "--profile restore up --detach --no-build");
            using var client = new HttpClient();
            Assert.True(await WriteAsync(client, project, "kept"));
            await ComposeAsync(project, "--profile restore down");
            await Docker.RunAsync(["volume", "rm", $"{project}_data"], Ct);

            await ComposeAsync(project, "--profile restore up --detach --no-build");

            Assert.Contains("kept", await ReadAsync(client, project), StringComparison.Ordinal);
            Assert.Contains("Restored source 'notes'", await ComposeAsync(project, "--profile restore logs restore"), StringComparison.Ordinal);
        }
        finally
        {
            await Docker.RunAsync(Arguments(project, "--profile restore down --volumes --timeout 5"), CancellationToken.None);
        }
    }

    [Fact]
    public async Task Profile_drive_feeds_a_second_repository_also_after_the_sidecar_was_started_again()
    {
        await Engine.RequireAsync();
        var project = await ProjectAsync();
        var folder = Directory.CreateTempSubdirectory("backup-sidecar-compose-");
        try
        {
            // drive.env stands beside the file, so both go elsewhere.
            var file = Path.Join(folder.FullName, "compose.yaml");
            File.Copy(Path.Join(Images.Repository, Sample), file);
            await ComposeAsync(project, "--profile drive up --detach --no-build", file);
            const string Add = "repository add --drive notes --credential-variable TOKEN --kind access-token --endpoint http://127.0.0.1:8080/";
            var added = await ComposeAsync(project, "exec -T -e TOKEN=any backup backup-sidecar " + Add, file);
            var id = added.Split("\"folder\": \"")[1].Split('"')[0];
            var example = await File.ReadAllTextAsync(Path.Join(Images.Repository, "samples", "drive.env.example"), Ct);
            await File.WriteAllTextAsync(Path.Join(folder.FullName, "drive.env"), example.Replace("the id that 'repository add' prints", id, StringComparison.Ordinal), Ct);
            await ComposeAsync(project, "--profile drive up --detach --no-build --wait", file);
            using var client = new HttpClient();
            Assert.True(await WriteAsync(client, project, "twice kept"));
            await ComposeAsync(project, "exec -T backup backup-sidecar ensure-durable --level remote --timeout 1m", file);

            await ComposeAsync(project, "kill backup", file);
            await ComposeAsync(project, "--profile drive up --detach --no-build --wait", file);
            await ComposeAsync(project, "--profile drive restart drive", file);

            Assert.True(await WriteAsync(client, project, "and again"));
            await ComposeAsync(project, "exec -T backup backup-sidecar ensure-durable --level remote --timeout 1m", file);
        }
        finally
        {
            await Docker.RunAsync(Arguments(project, "--profile drive down --volumes --timeout 5"), CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> ProjectAsync()
    {
        // The plugin may be missing where the engine is there.
        try
        {
            _ = await Docker.RunAsync("compose version", Ct);
        }
        catch (InvalidOperationException e) when (Environment.GetEnvironmentVariable(Engine.Required) is null)
        {
            Assert.Skip($"There is no compose: {e.Message}");
        }

        return $"bs{Guid.NewGuid():N}"[..10];
    }

    private static Task<string> ComposeAsync(string project, string arguments, string file = Sample) => Docker.RunAsync(Arguments(project, arguments, file), Ct);

    private static string[] Arguments(string project, string arguments, string file = Sample) => ["compose", "--file", file, "--project-name", project, .. arguments.Split(' ')];

    /// <returns>Whether it can be restored already.</returns>
    private static async Task<bool> WriteAsync(HttpClient client, string project, string text)
    {
        using var answer = (await RetriedAsync(async () => await client.PostAsJsonAsync(await AddressAsync(project), new { text }, Ct))).EnsureSuccessStatusCode();
        return (await answer.Content.ReadAsStringAsync(Ct)).Contains("\"isDurable\":true", StringComparison.Ordinal);
    }

    private static Task<string> ReadAsync(HttpClient client, string project) => RetriedAsync(async () => await client.GetStringAsync(await AddressAsync(project), Ct));

    private static async Task<Uri> AddressAsync(string project) => new($"http://{(await ComposeAsync(project, "port notes 5000")).Trim()}/notes");

    /// <summary>An app that is starting does not answer yet.</summary>
    private static async Task<T> RetriedAsync<T>(Func<Task<T>> call)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Ct);
            }
        }
    }
}
