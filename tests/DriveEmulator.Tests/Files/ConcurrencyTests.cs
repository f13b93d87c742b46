using System.Net;
using System.Text.Json.Nodes;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.Files;

/// <summary>Many callers at once.</summary>
public sealed class ConcurrencyTests : IAsyncLifetime
{
    private readonly EmulatorBench _bench = new();

    private DriveClient Client => _bench.Client;

    public async ValueTask InitializeAsync() => await _bench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Of_many_creates_with_one_id_exactly_one_wins_however_it_uploads()
    {
        for (var round = 0; round < 10 * ProofSettings.Scale; round++)
        {
            var id = await Client.NewIdAsync();
            var racers = Enumerable.Range(0, 16).Select(racer => RaceAsync(id, (byte)racer)).ToList();

            var statuses = await Task.WhenAll(racers);

            var winner = Assert.Single(Enumerable.Range(0, 16), racer => statuses[racer] == HttpStatusCode.OK);
            Assert.All(statuses.Where((_, racer) => racer != winner), status => Assert.Equal(HttpStatusCode.Conflict, status));
            Assert.Equal([(byte)winner], (await Client.GetAsync($"drive/v3/files/{id}?alt=media")).Body);
        }
    }

    [Fact]
    public async Task What_many_have_done_is_the_same_after_a_restart_and_the_quota_knows_it()
    {
        var seed = ProofSettings.NewSeed();
        TestContext.Current.TestOutputHelper?.WriteLine($"Seed {seed}");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(worker => WorkAsync(new Random(seed + worker))));
        var before = (await Client.GetAsync("drive/v3/files?pageSize=1000&orderBy=name,createdTime&fields=files")).Json["files"]!.AsArray();
        var usage = (await Client.GetAsync("drive/v3/about?fields=storageQuota")).Text;
        await _bench.StopAsync();
        await _bench.StartAsync();
        var after = (await Client.GetAsync("drive/v3/files?pageSize=1000&orderBy=name,createdTime&fields=files")).Json["files"]!.AsArray();

        Assert.True(before.Count > 10, $"Only {before.Count} files are left.");
        Assert.Equal(before.ToJsonString(), after.ToJsonString());
        Assert.Equal(usage, (await Client.GetAsync("drive/v3/about?fields=storageQuota")).Text);
        var size = before.Sum(file => long.Parse((string)file!["quotaBytesUsed"]!));
        Assert.Contains($"\"usage\": \"{size}\"", usage, StringComparison.Ordinal);
        Assert.Equal(before.Count(file => file!["md5Checksum"] is not null), Directory.GetFiles(Path.Combine(_bench.DataDirectory, "content")).Length);
    }

    private async Task<HttpStatusCode> RaceAsync(string id, byte racer)
    {
        var metadata = new JsonObject { ["id"] = id, ["name"] = $"{racer}" };
        if (racer % 2 == 0)
        {
            return (await Client.UploadRawAsync(metadata, [racer])).Status;
        }

        var start = await Client.SendJsonAsync("POST", "upload/drive/v3/files?uploadType=resumable", metadata);
        return start.Status == HttpStatusCode.OK ? (await Client.PutAsync(start.Headers.Location!, [racer], "0-0/1")).Status : start.Status;
    }

    private async Task WorkAsync(Random random)
    {
        var mine = new List<string>();
        for (var step = 0; step < 60; step++)
        {
            var id = mine.Count > 0 ? mine[random.Next(mine.Count)] : null;
            switch (random.Next(6))
            {
                case 0 when id is not null:
                    await Client.SendAsync("DELETE", $"drive/v3/files/{id}");
                    mine.Remove(id);
                    break;
                case 1 when id is not null:
                    await Client.SendJsonAsync("PATCH", $"drive/v3/files/{id}", new JsonObject { ["trashed"] = random.Next(2) == 0, ["appProperties"] = new JsonObject { ["k"] = $"{step}" } });
                    break;
                case 2 when id is not null:
                    await Client.SendAsync("PATCH", $"upload/drive/v3/files/{id}?uploadType=media", new ByteArrayContent(new byte[random.Next(2000)]));
                    break;
                case 3:
                    await Client.GetAsync("drive/v3/files?q=trashed%20=%20false");
                    break;
                default:
                    mine.Add((string)(await Client.UploadAsync(new JsonObject { ["name"] = $"n{random.Next(1000)}" }, new byte[random.Next(5000)]))["id"]!);
                    break;
            }
        }
    }
}
