using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.Faults;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.Faults;

/// <summary>What a script does to calls, and to which.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private const int Block = 256 << 10;

    private readonly EmulatorBench _bench = new();

    private DriveClient Client => _bench.Client;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _bench.StartAsync(options => options with { Time = TimeProvider.System });

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData(403, "userRateLimitExceeded", "usageLimits")]
    [InlineData(403, "rateLimitExceeded", "usageLimits")]
    [InlineData(403, "dailyLimitExceeded", "usageLimits")]
    [InlineData(403, "storageQuotaExceeded", "global")]
    [InlineData(403, "insufficientFilePermissions", "global")]
    [InlineData(500, "internalError", "global")]
    [InlineData(503, "backendError", "global")]
    public async Task A_status_comes_with_the_older_body(int status, string reason, string domain)
    {
        Set(Status(status, reason));

        var answer = await Client.GetAsync("drive/v3/files");

        Assert.Equal((status, reason), ((int)answer.Status, answer.Reason));
        Assert.Equal(domain, (string)answer.Json["error"]!["errors"]![0]!["domain"]!);
    }

    [Fact]
    public async Task A_status_comes_with_the_newer_body_and_a_time_to_wait()
    {
        Set(new Fault { Kind = FaultKind.Status, Status = 429, Body = FaultBody.Modern, RetryAfter = 7 });

        var answer = await Client.GetAsync("drive/v3/files");

        Assert.Equal((HttpStatusCode)429, answer.Status);
        Assert.Equal("RESOURCE_EXHAUSTED", (string)answer.Json["error"]!["status"]!);
        Assert.Equal("RATE_LIMIT_EXCEEDED", (string)answer.Json["error"]!["details"]![0]!["reason"]!);
        Assert.Equal(TimeSpan.FromSeconds(7), answer.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task The_oauth_endpoints_have_a_body_of_their_own()
    {
        var answer = await Client.SendAsync(
            "POST", "emulator/faults", new StringContent("""{ "rules": [ { "calls": ["oauth.*"], "fault": { "kind": "status", "status": 400, "reason": "invalid_grant", "body": "oAuth" } } ] }"""));
        var token = await Client.SendAsync("POST", "token", new FormUrlEncodedContent([]));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (token.Status, (string)token.Json["error"]!));
    }

    [Theory]
    [InlineData(FaultBody.Html, "<!DOCTYPE html>")]
    [InlineData(FaultBody.Half, "{\"error\":{\"code\":502")]
    [InlineData(FaultBody.Empty, "")]
    public async Task A_status_comes_with_a_body_that_is_no_json(FaultBody body, string start)
    {
        Set(new Fault { Kind = FaultKind.Status, Status = 502, Body = body });

        var answer = await Client.GetAsync("drive/v3/files");

        Assert.Equal(HttpStatusCode.BadGateway, answer.Status);
        Assert.StartsWith(start, answer.Text, StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() => answer.Json);
    }

    [Fact]
    public async Task A_status_after_the_effect_leaves_the_file_there()
    {
        Set(new Fault { Kind = FaultKind.Status, Status = 503, When = FaultWhen.After });
        var answer = await Client.UploadRawAsync(new JsonObject { ["name"] = "x" }, [1]);
        _bench.Host.Faults.Clear();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "backendError"), (answer.Status, answer.Reason));
        Assert.Equal(["x"], await Client.NamesAsync("name = 'x'"));
    }

    [Theory]
    [InlineData(FaultWhen.Before, 0)]
    [InlineData(FaultWhen.After, 1)]
    public async Task A_cut_before_the_effect_leaves_nothing_and_one_after_it_the_file(FaultWhen when, int files)
    {
        Set(new Fault { Kind = FaultKind.Cut, When = when });
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => Client.UploadRawAsync(new JsonObject { ["name"] = "x" }, new byte[1000]));
        _bench.Host.Faults.Clear();

        Assert.Equal(files, (await Client.NamesAsync("name = 'x'")).Length);
        Assert.Equal(files, Directory.GetFiles(Path.Combine(_bench.DataDirectory, "content")).Length);
    }

    [Fact]
    public async Task A_cut_after_the_last_piece_leaves_a_session_that_answers_the_file()
    {
        var session = await Client.StartUploadAsync(new JsonObject { ["name"] = "x" });
        Set(new Fault { Kind = FaultKind.Cut, When = FaultWhen.After }, "upload.chunk");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => Client.PutAsync(session, [1, 2, 3], "0-2/3"));

        var answer = await Client.PutAsync(session, [], "*/3");

        Assert.Equal((HttpStatusCode.OK, "3"), (answer.Status, (string)answer.Json["size"]!));
    }

    [Fact]
    public async Task A_cut_in_the_middle_of_a_piece_leaves_the_whole_blocks_before_it()
    {
        var content = RandomNumberGenerator.GetBytes(10 * Block);
        var session = await Client.StartUploadAsync(new JsonObject { ["name"] = "x" });
        Set(new Fault { Kind = FaultKind.Cut, Bytes = (3 * Block) + 1000 }, "upload.chunk");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => Client.PutAsync(session, content, $"0-{content.Length - 1}/{content.Length}"));
        _bench.Host.Faults.Clear();

        var stored = await Client.PutAsync(session, [], $"*/{content.Length}");
        var answer = await Client.PutAsync(session, content[(3 * Block)..], $"{3 * Block}-{content.Length - 1}/{content.Length}");

        Assert.Equal($"bytes=0-{(3 * Block) - 1}", stored.Stored);
        Assert.Equal(Checksum.Md5(content), (string)answer.Json["md5Checksum"]!);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(Block, "bytes=0-262143")]
    [InlineData(Block + 500, "bytes=0-262143")]
    public async Task A_short_persist_stores_less_than_was_sent(long bytes, string? stored)
    {
        var content = RandomNumberGenerator.GetBytes(3 * Block);
        var session = await Client.StartUploadAsync(new JsonObject { ["name"] = "x" });
        Set(new FaultRule { Calls = ["upload.chunk"], Count = 1, Fault = new Fault { Kind = FaultKind.ShortPersist, Bytes = bytes } });

        var answer = await Client.PutAsync(session, content, $"0-{content.Length - 1}/{content.Length}");
        var from = stored is null ? 0 : Block;
        var rest = await Client.PutAsync(session, content[from..], $"{from}-{content.Length - 1}/{content.Length}");

        Assert.Equal((308, stored), ((int)answer.Status, answer.Stored));
        Assert.Equal(Checksum.Md5(content), (string)rest.Json["md5Checksum"]!);
    }

    [Theory]
    [InlineData(null, 404)]
    [InlineData(410, 410)]
    public async Task A_session_that_is_gone_stays_so(int? status, int expected)
    {
        var session = await Client.StartUploadAsync(new JsonObject { ["name"] = "x" });
        Set(new FaultRule { Calls = ["upload.chunk"], Count = 1, Fault = new Fault { Kind = FaultKind.SessionGone, Status = status } });

        Assert.Equal(expected, (int)(await Client.PutAsync(session, new byte[Block], $"0-{Block - 1}/*")).Status);
        Assert.Equal(404, (int)(await Client.PutAsync(session, [], "*/*")).Status);
    }

    [Fact]
    public async Task A_download_that_is_truncated_breaks_off()
    {
        var file = await Client.UploadAsync(new JsonObject { ["name"] = "x" }, new byte[100_000]);
        Set(new Fault { Kind = FaultKind.Truncate, Bytes = 10 }, "files.download");

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => Client.GetAsync($"drive/v3/files/{file["id"]}?alt=media"));
        Assert.Equal(10, _bench.Host.Requests.Entries()[^1].SentBytes);
    }

    [Fact]
    public async Task A_body_that_is_truncated_cleanly_looks_whole()
    {
        var file = await Client.UploadAsync(new JsonObject { ["name"] = "x" }, new byte[1_000_000]);
        Set(new Fault { Kind = FaultKind.Truncate, Bytes = 10, Clean = true });

        var list = await Client.GetAsync("drive/v3/files");
        var content = await Client.GetAsync($"drive/v3/files/{file["id"]}?alt=media");

        Assert.Equal((HttpStatusCode.OK, 10, 10), (list.Status, list.Body.Length, content.Body.Length));
    }

    [Fact]
    public async Task A_corruption_turns_one_bit()
    {
        var content = RandomNumberGenerator.GetBytes(1000);
        var session = await Client.StartUploadAsync(new JsonObject { ["name"] = "x" });
        Set(new FaultRule { Calls = ["upload.chunk"], Count = 1, Fault = new Fault { Kind = FaultKind.Corrupt, Bytes = 900, Side = FaultSide.Request } });
        var file = (await Client.PutAsync(session, content, "0-999/1000")).Json;
        Set(new Fault { Kind = FaultKind.Corrupt, Bytes = 5 });

        var download = (await Client.GetAsync($"drive/v3/files/{file["id"]}?alt=media")).Body;

        Assert.NotEqual(Checksum.Md5(content), (string)file["md5Checksum"]!);
        Assert.Equal([5, 900], Enumerable.Range(0, 1000).Where(index => download[index] != content[index]));
    }

    [Theory]
    [InlineData(FaultWhen.Before)]
    [InlineData(FaultWhen.After)]
    public async Task A_delay_is_waited_for(FaultWhen when)
    {
        Set(new Fault { Kind = FaultKind.Delay, Milliseconds = 200, When = when });
        var time = Stopwatch.StartNew();

        await Client.GetAsync("drive/v3/files");

        Assert.True(time.ElapsedMilliseconds >= 190, $"It took {time.ElapsedMilliseconds} ms.");
    }

    [Fact]
    public async Task A_bandwidth_holds_for_both_directions()
    {
        Set(new Fault { Kind = FaultKind.Bandwidth, BytesPerSecond = 1_000_000 });
        var time = Stopwatch.StartNew();
        var file = await Client.UploadAsync(new JsonObject { ["name"] = "x" }, new byte[300_000]);
        var upload = time.ElapsedMilliseconds;
        await Client.GetAsync($"drive/v3/files/{file["id"]}?alt=media");

        Assert.True(upload >= 200 && time.ElapsedMilliseconds - upload >= 200, $"It took {upload} ms up and {time.ElapsedMilliseconds - upload} ms down.");
    }

    [Fact]
    public async Task A_shared_line_is_shared_by_all_calls()
    {
        var file = await Client.UploadAsync(new JsonObject { ["name"] = "x" }, new byte[100_000]);
        Set(new Fault { Kind = FaultKind.Bandwidth, BytesPerSecond = 1_000_000, Shared = true });
        var time = Stopwatch.StartNew();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Client.GetAsync($"drive/v3/files/{file["id"]}?alt=media")));

        Assert.True(time.ElapsedMilliseconds >= 350, $"It took {time.ElapsedMilliseconds} ms.");
    }

    /// <summary>The script that the README shows is one.</summary>
    [Fact]
    public async Task The_examples_of_the_readme_are_taken()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Solution.Root, "tests", "DriveEmulator", "README.md"), Ct);
        var examples = readme.Split("```json\n").Skip(1).Select(part => part.Split("```")[0]).ToList();

        Assert.Equal(2, examples.Count);
        Assert.Equal(HttpStatusCode.OK, (await Client.SendAsync("POST", "emulator/faults", new StringContent(examples[0]))).Status);
        Assert.Equal(HttpStatusCode.OK, (await Client.SendAsync("POST", "emulator/listing", new StringContent(examples[1]))).Status);
    }

    [Fact]
    public async Task Rules_skip_repeat_and_stop()
    {
        Set(new FaultRule { Calls = ["files.list"], Skip = 1, Every = 2, Count = 2, Fault = Status(503, null) });

        var statuses = new List<int>();
        for (var call = 0; call < 8; call++)
        {
            statuses.Add((int)(await Client.GetAsync("drive/v3/files")).Status);
            Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync("drive/v3/about?fields=user")).Status);
        }

        Assert.Equal([200, 503, 200, 503, 200, 200, 200, 200], statuses);
        Assert.Equal(2, _bench.Host.Faults.Rules.Single().Hits);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_faults()
    {
        var rule = new FaultRule { Probability = 0.5, Fault = Status(503, null) };
        async Task<string> RunAsync(int seed)
        {
            _bench.Host.Faults.Set([rule], seed);
            var statuses = new List<string>();
            for (var call = 0; call < 30; call++)
            {
                statuses.Add($"{(int)(await Client.GetAsync("drive/v3/about?fields=user")).Status}");
            }

            return string.Join(' ', statuses);
        }

        var first = await RunAsync(1);

        Assert.Contains("200", first, StringComparison.Ordinal);
        Assert.Contains("503", first, StringComparison.Ordinal);
        Assert.Equal(first, await RunAsync(1));
        Assert.NotEqual(first, await RunAsync(2));
    }

    [Fact]
    public async Task Shaping_faults_act_beside_the_first_that_decides()
    {
        Set(
            new FaultRule { Fault = new Fault { Kind = FaultKind.Delay, Milliseconds = 100 } },
            new FaultRule { Name = "burst", Count = 1, Fault = Status(500, null) },
            new FaultRule { Fault = Status(503, null) });

        var first = await Client.GetAsync("drive/v3/files");
        var second = await Client.GetAsync("drive/v3/files");

        Assert.Equal((500, 503), ((int)first.Status, (int)second.Status));
        Assert.Equal(["Delay, burst", "Delay, Status"], _bench.Host.Requests.Entries().Select(entry => entry.Fault));
    }

    [Fact]
    public async Task A_script_comes_by_http_and_is_shown_with_its_hits()
    {
        using var stranger = new HttpClient { BaseAddress = _bench.Host.BaseAddress };
        var text = """{ "seed": 1, "rules": [ { "calls": ["files.list"], "count": 1, "fault": { "kind": "status", "status": 403, "reason": "dailyLimitExceeded" } } ] }""";
        using var set = await stranger.PostAsync("emulator/faults", new StringContent(text), Ct);
        Assert.Equal("dailyLimitExceeded", (await Client.GetAsync("drive/v3/files")).Reason);

        var shown = JsonNode.Parse(await stranger.GetStringAsync("emulator/faults", Ct))!;
        using var deleted = await stranger.DeleteAsync("emulator/faults", Ct);

        Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        Assert.Equal(1, (int)shown["rules"]![0]!["hits"]!);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Empty(_bench.Host.Faults.Rules);
    }

    [Theory]
    [InlineData("""{ "rules": [ { "fault": { "kind": "explode" } } ] }""")]
    [InlineData("""{ "rules": [ { "fault": { "kind": "status" } } ] }""")]
    [InlineData("""{ "rules": [ { "fault": { "kind": "delay", "status": 500, "milliseconds": 1 } } ] }""")]
    [InlineData("""{ "rules": [ { "fault": { "kind": "cut" }, "probability": 2 } ] }""")]
    [InlineData("""{ "rules": [ { "fault": { "kind": "cut" }, "probabilty": 1 } ] }""")]
    [InlineData("""{ "rules": [ { } ] }""")]
    [InlineData("{")]
    public async Task A_script_that_cannot_be_what_it_says_is_refused_and_the_old_one_stays(string text)
    {
        Set(Status(500, null));

        var answer = await Client.SendAsync("POST", "emulator/faults", new StringContent(text));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Single(_bench.Host.Faults.Rules);
    }

    private static Fault Status(int status, string? reason) => new() { Kind = FaultKind.Status, Status = status, Reason = reason };

    private void Set(Fault fault, string calls = "*") => Set(new FaultRule { Calls = [calls], Fault = fault });

    private void Set(params FaultRule[] rules) => _bench.Host.Faults.Set(rules, seed: 1);
}
