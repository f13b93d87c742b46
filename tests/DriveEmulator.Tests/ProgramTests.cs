using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests;

/// <summary>The program: its options, its errors, and its death at any moment.</summary>
public sealed class ProgramTests : IDisposable
{
    private const int Block = 256 << 10;

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("drive-emulator-");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task Its_first_line_is_the_address_and_a_terminated_one_ends_with_0()
    {
        await using var process = await EmulatorProcess.StartAsync(_data.FullName);
        using var client = new DriveClient(process.Address, "any");

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("drive/v3/about?fields=user")).Status);
        Assert.Equal(0, await process.TerminateAsync());
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        var (exitCode, output, _) = await EmulatorProcess.RunAsync("--help");

        Assert.Equal(0, exitCode);
        string[] names =
        [
            "--data", "--listen", "--any-token", "--account", "--sha256", "--quota-bytes", "--units-per-minute", "--limit-shape", "--requests-per-day", "--upload-bytes-per-day", "--consent",
            "--rotate-refresh-tokens", "--refresh-token-days", "--access-token-seconds", "--log-requests", "--faults", "--listing",
        ];
        Assert.All(names, name => Assert.Contains(name, output, StringComparison.Ordinal));
        var readme = await File.ReadAllTextAsync(Path.Combine(Solution.Root, "tests", "DriveEmulator", "README.md"), Ct);
        Assert.All(names, name => Assert.Contains($"`{name}", readme, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--data")]
    [InlineData("--listen 127.0.0.1:0", "--data")]
    [InlineData("--data x --listen here", "--listen: 'here'")]
    [InlineData("--data x --listen 127.0.0.1", "--listen: '127.0.0.1'")]
    [InlineData("--data x --quota-bytes -1", "--quota-bytes: '-1'")]
    [InlineData("--data x --consent maybe", "--consent: 'maybe' is none of auto, page, deny")]
    [InlineData("--data x --limit-shape 1", "--limit-shape: '1'")]
    [InlineData("--data x --nonsense", "--nonsense")]
    public async Task What_cannot_be_understood_is_said_and_ends_with_2(string arguments, string message = "--data")
    {
        var (exitCode, output, error) = await EmulatorProcess.RunAsync(arguments.Split(' '));

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith("drive-emulator: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--faults", """{ "rules": [ { "fault": { "kind": "explode" } } ] }""")]
    [InlineData("--faults", """{ "rules": [ { "fault": { "kind": "status" } } ] }""")]
    [InlineData("--listing", """{ "lag": 1 }""")]
    [InlineData("--listing", """{ "missing": 7 }""")]
    public async Task A_file_that_cannot_be_what_it_says_ends_with_2(string option, string text)
    {
        var path = Path.Combine(_data.FullName, "document.json");
        await File.WriteAllTextAsync(path, text, Ct);

        var (exitCode, _, error) = await EmulatorProcess.RunAsync("--data", _data.FullName, option, path);

        Assert.Equal(2, exitCode);
        Assert.Contains(path, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_run_is_said_and_ends_with_1()
    {
        await using var first = await EmulatorProcess.StartAsync(_data.FullName);
        var other = Path.Combine(_data.FullName, "other");

        var sameData = await EmulatorProcess.RunAsync("--data", _data.FullName);
        var sameAddress = await EmulatorProcess.RunAsync("--data", other, "--listen", first.Address.Authority);
        var noDirectory = await EmulatorProcess.RunAsync("--data", "/proc/none/such");
        var noFile = await EmulatorProcess.RunAsync("--data", other, "--faults", "/none/such");

        Assert.Equal([1, 1, 1, 1], [sameData.ExitCode, sameAddress.ExitCode, noDirectory.ExitCode, noFile.ExitCode]);
        Assert.Contains("in use by another emulator", sameData.Error, StringComparison.Ordinal);
        Assert.All([sameAddress.Error, noDirectory.Error, noFile.Error], error => Assert.StartsWith("drive-emulator: ", error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Scripts_hold_from_the_first_call_on()
    {
        var (faults, listing) = (Path.Combine(_data.FullName, "faults.json"), Path.Combine(_data.FullName, "listing.json"));
        await File.WriteAllTextAsync(faults, """{ "rules": [ { "calls": ["about.get"], "fault": { "kind": "status", "status": 500 } } ] }""", Ct);
        await File.WriteAllTextAsync(listing, """{ "lagSeconds": 3600 }""", Ct);
        await using var process = await EmulatorProcess.StartAsync(_data.FullName, "--faults", faults, "--listing", listing);
        using var client = new DriveClient(process.Address, "any");
        await client.UploadAsync(new JsonObject { ["name"] = "x" }, [1]);

        Assert.Equal(HttpStatusCode.InternalServerError, (await client.GetAsync("drive/v3/about?fields=user")).Status);
        Assert.Empty(await client.NamesAsync("trashed = false"));
    }

    [Fact]
    public async Task A_killed_emulator_comes_back_at_its_address_at_once()
    {
        var first = await EmulatorProcess.StartAsync(_data.FullName);
        await using var killed = first;
        using var client = new DriveClient(first.Address, "any");
        var id = (string)(await client.UploadAsync(new JsonObject { ["name"] = "x" }, [1]))["id"]!;

        await first.KillAsync();
        await using var second = await EmulatorProcess.StartAsync(_data.FullName, "--listen", first.Address.Authority);

        Assert.Equal(first.Address, second.Address);
        using var again = new DriveClient(second.Address, "any");
        Assert.Equal([1], (await again.GetAsync($"drive/v3/files/{id}?alt=media")).Body);
    }

    [Theory]
    [InlineData("resumable")]
    [InlineData("media")]
    [InlineData("multipart")]
    public async Task An_upload_and_a_download_take_memory_of_one_size_whatever_theirs(string type)
    {
        const int Size = 200_000_000;
        const long MemoryMax = 100L << 20;
        await using var process = await EmulatorProcess.StartAsync(_data.FullName);
        using var http = new HttpClient { BaseAddress = process.Address, DefaultRequestHeaders = { { "Authorization", "Bearer any" } } };
        using var start = await http.PostAsync("upload/drive/v3/files?uploadType=resumable", new StringContent("""{"name":"x"}"""), Ct);
        using HttpContent content = type == "multipart"
            ? new MultipartContent("related") { new StringContent("""{"name":"x"}"""), new StreamContent(new ZeroStream(Size)) }
            : new StreamContent(new ZeroStream(Size));

        using var answer = type == "resumable"
            ? await http.PutAsync(start.Headers.Location, content, Ct)
            : await http.PostAsync($"upload/drive/v3/files?uploadType={type}", content, Ct);
        var uploaded = process.AnonymousBytes;
        var file = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
        await using var download = await http.GetStreamAsync($"drive/v3/files/{file["id"]}?alt=media", Ct);
        await download.CopyToAsync(Stream.Null, Ct);

        Assert.True(uploaded < MemoryMax && process.AnonymousBytes < MemoryMax, $"It holds {uploaded} bytes after the upload and {process.AnonymousBytes} after the download.");
        Assert.Equal($"{Size}", (string)JsonNode.Parse(await http.GetStringAsync($"drive/v3/files/{file["id"]}?fields=size", Ct))!["size"]!);
    }

    /// <summary>What has been acknowledged is there, whole; what has not is there whole or not at all; uploads go on where they were.</summary>
    [Fact]
    public async Task A_killed_emulator_loses_nothing_that_it_has_acknowledged()
    {
        var kills = 10 * ProofSettings.Scale;
        var seed = ProofSettings.NewSeed();
        TestContext.Current.TestOutputHelper?.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        var content = RandomNumberGenerator.GetBytes(24 * Block);
        var acknowledged = new Dictionary<string, string>();
        var uploads = 0;
        Uri? session = null;
        for (var kill = 0; kill < kills; kill++)
        {
            await using var process = await EmulatorProcess.StartAsync(_data.FullName);
            using var client = new DriveClient(process.Address, "any");
            foreach (var (id, checksum) in acknowledged)
            {
                Assert.Equal(checksum, Checksum.Md5((await client.GetAsync($"drive/v3/files/{id}?alt=media")).Body));
            }

            var listed = (await client.GetAsync("drive/v3/files?pageSize=1000&fields=files(id,md5Checksum,size)")).Json["files"]!.AsArray();
            Assert.Superset(acknowledged.Keys.ToHashSet(), listed.Select(file => (string)file!["id"]!).ToHashSet());
            foreach (var file in listed)
            {
                var body = (await client.GetAsync($"drive/v3/files/{file!["id"]}?alt=media")).Body;
                Assert.Equal(((string)file["size"]!, (string)file["md5Checksum"]!), ($"{body.Length}", Checksum.Md5(body)));
            }

            (session, var done) = await WorkUntilKilledAsync(process, client, session, content, acknowledged, TimeSpan.FromMilliseconds(random.Next(50, 500)));
            uploads += done;
        }

        Assert.True(uploads >= kills, $"Only {uploads} uploads were acknowledged, too few to prove anything.");
    }

    /// <returns>The session that the kill has left open, and how many uploads were acknowledged.</returns>
    private static async Task<(Uri? Session, int Uploads)> WorkUntilKilledAsync(EmulatorProcess process, DriveClient client, Uri? session, byte[] content, Dictionary<string, string> acknowledged, TimeSpan wait)
    {
        // The first upload of a process compiles the code for it, which takes longer than the whole wait.
        acknowledged[(string)(await client.UploadAsync(new JsonObject { ["name"] = "first" }, [1, 2, 3]))["id"]!] = Checksum.Md5([1, 2, 3]);
        var kill = Task.Run(
            async () =>
            {
                await Task.Delay(wait, TimeProvider.System, Ct);
                await process.KillAsync();
            },
            Ct);
        var uploads = 0;
        try
        {
            while (true)
            {
                session = session is null ? await client.StartUploadAsync(new JsonObject { ["name"] = "large" }) : new Uri(process.Address, session.PathAndQuery);
                var state = await client.PutAsync(session, [], $"*/{content.Length}");
                if (state.Status == HttpStatusCode.PermanentRedirect)
                {
                    var first = state.Stored is { } range ? int.Parse(range.Split('-')[1]) + 1 : 0;
                    Assert.Equal(0, first % Block);
                    state = await client.PutAsync(session, content[first..], $"{first}-{content.Length - 1}/{content.Length}");
                }

                Assert.Equal(HttpStatusCode.OK, state.Status);
                Assert.Equal(Checksum.Md5(content), (string)state.Json["md5Checksum"]!);
                acknowledged[(string)state.Json["id"]!] = Checksum.Md5(content);
                session = null;
                uploads++;

                var small = await client.UploadAsync(new JsonObject { ["name"] = "small" }, [1, 2, 3]);
                acknowledged[(string)small["id"]!] = Checksum.Md5([1, 2, 3]);
                uploads++;
                var deleted = acknowledged.Keys.First();
                acknowledged.Remove(deleted);
                await client.SendAsync("DELETE", $"drive/v3/files/{deleted}");
            }
        }
        catch (HttpRequestException)
        {
            await kill;
            return (session, uploads);
        }
    }
}
