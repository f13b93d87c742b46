using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.Uploads;

/// <summary>Uploads in pieces.</summary>
public sealed class ResumableUploadTests : IAsyncLifetime
{
    private const int Block = 256 << 10;

    private readonly EmulatorBench _bench = new();

    private DriveClient Client => _bench.Client;

    public async ValueTask InitializeAsync() => await _bench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Pieces_become_a_file()
    {
        var content = RandomNumberGenerator.GetBytes((2 * Block) + 100);
        var session = await StartAsync();

        var first = await Client.PutAsync(session, content[..Block], $"0-{Block - 1}/{content.Length}");
        var second = await Client.PutAsync(session, content[Block..(2 * Block)], $"{Block}-{(2 * Block) - 1}/{content.Length}");
        var last = await Client.PutAsync(session, content[(2 * Block)..], $"{2 * Block}-{content.Length - 1}/{content.Length}");

        Assert.Equal((308, $"bytes=0-{Block - 1}"), ((int)first.Status, first.Stored));
        Assert.Equal((308, $"bytes=0-{(2 * Block) - 1}"), ((int)second.Status, second.Stored));
        Assert.Equal(HttpStatusCode.OK, last.Status);
        Assert.Equal(Checksum.Md5(content), (string)last.Json["md5Checksum"]!);
        Assert.Equal(content, (await Client.GetAsync($"drive/v3/files/{last.Json["id"]}?alt=media")).Body);
    }

    [Fact]
    public async Task A_session_of_which_nothing_is_stored_answers_308_without_a_range()
    {
        var answer = await QuestionAsync(await StartAsync(), "*/1000");

        Assert.Equal((308, null), ((int)answer.Status, answer.Stored));
    }

    [Theory]
    [InlineData("*/1000000")]
    [InlineData("*/*")]
    public async Task A_question_is_answered_with_what_is_stored(string range)
    {
        var session = await StartAsync();
        await Client.PutAsync(session, new byte[Block], $"0-{Block - 1}/1000000");

        var answer = await QuestionAsync(session, range);

        Assert.Equal((308, $"bytes=0-{Block - 1}"), ((int)answer.Status, answer.Stored));
    }

    [Fact]
    public async Task The_total_may_be_named_last()
    {
        var session = await StartAsync();
        await Client.PutAsync(session, new byte[Block], $"0-{Block - 1}/*");

        var answer = await QuestionAsync(session, $"*/{Block}");

        Assert.Equal((HttpStatusCode.OK, $"{Block}"), (answer.Status, (string)answer.Json["size"]!));
    }

    [Fact]
    public async Task An_empty_file_needs_no_piece()
    {
        var answer = await QuestionAsync(await StartAsync(), "*/0");

        Assert.Equal((HttpStatusCode.OK, "0"), (answer.Status, (string)answer.Json["size"]!));
        Assert.Equal(Checksum.Md5([]), (string)answer.Json["md5Checksum"]!);
    }

    [Fact]
    public async Task One_piece_without_a_range_is_the_whole_file()
    {
        var answer = await Client.SendAsync("PUT", (await StartAsync()).ToString(), new ByteArrayContent(new byte[1234]));

        Assert.Equal((HttpStatusCode.OK, "1234"), (answer.Status, (string)answer.Json["size"]!));
    }

    [Theory]
    [InlineData(1000, "0-999/5000")]
    [InlineData(Block + 1, "0-262144/*")]
    [InlineData(1000, "0-998/999")]
    [InlineData(Block, "262144-524287/1000000")]
    [InlineData(1000, "0-999/500")]
    [InlineData(1000, "nonsense")]
    public async Task Pieces_that_are_no_whole_blocks_leave_a_gap_or_contradict_themselves_are_refused(int length, string range)
    {
        var session = await StartAsync();

        var answer = await Client.PutAsync(session, new byte[length], range);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Null((await QuestionAsync(session, "*/*")).Stored);
    }

    [Fact]
    public async Task Bytes_that_are_sent_again_are_skipped()
    {
        var content = RandomNumberGenerator.GetBytes((2 * Block) + 9);
        var session = await StartAsync();
        await Client.PutAsync(session, content[..(2 * Block)], $"0-{(2 * Block) - 1}/{content.Length}");

        var answer = await Client.PutAsync(session, content[Block..], $"{Block}-{content.Length - 1}/{content.Length}");

        Assert.Equal((HttpStatusCode.OK, Checksum.Md5(content)), (answer.Status, (string)answer.Json["md5Checksum"]!));
    }

    [Fact]
    public async Task A_total_that_differs_from_the_announced_one_is_refused()
    {
        var session = await Client.StartUploadAsync(new JsonObject { ["name"] = "x" }, "", ("X-Upload-Content-Length", "1000"));

        Assert.Equal(HttpStatusCode.BadRequest, (await Client.PutAsync(session, new byte[999], "0-998/999")).Status);
    }

    [Fact]
    public async Task A_finished_session_answers_the_file_again()
    {
        var session = await StartAsync();
        var first = await Client.PutAsync(session, [1, 2, 3], "0-2/3");

        var question = await QuestionAsync(session, "*/3");
        var repeated = await Client.PutAsync(session, [1, 2, 3], "0-2/3");

        Assert.Equal([first.Text, first.Text], [question.Text, repeated.Text]);
        Assert.Single((await Client.ListAsync("name = 'x'")).Json["files"]!.AsArray());
    }

    [Fact]
    public async Task Of_two_uploads_with_one_id_the_second_to_end_answers_409()
    {
        var id = await Client.NewIdAsync();
        var first = await Client.StartUploadAsync(new JsonObject { ["id"] = id, ["name"] = "first" });
        var second = await Client.StartUploadAsync(new JsonObject { ["id"] = id, ["name"] = "second" });
        await Client.PutAsync(second, [2], "0-0/1");

        var late = await Client.PutAsync(first, [1], "0-0/1");
        var start = await Client.SendJsonAsync("POST", "upload/drive/v3/files?uploadType=resumable", new JsonObject { ["id"] = id });

        Assert.Equal((HttpStatusCode.Conflict, "fileIdInUse"), (late.Status, late.Reason));
        Assert.Equal((HttpStatusCode.Conflict, "fileIdInUse"), (start.Status, start.Reason));
        Assert.Equal([2], (await Client.GetAsync($"drive/v3/files/{id}?alt=media")).Body);
    }

    [Fact]
    public async Task A_session_needs_no_token_and_is_no_path_for_others()
    {
        var session = await StartAsync();
        var stranger = _bench.ClientWith(null);

        Assert.Equal(HttpStatusCode.OK, (await stranger.PutAsync(session, [1], "0-0/1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.PutAsync(new Uri(session + "x"), [1], "0-0/1")).Status);
    }

    [Fact]
    public async Task A_session_ends_after_a_week()
    {
        var session = await StartAsync();
        _bench.Time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        Assert.Equal(308, (int)(await Client.PutAsync(session, new byte[Block], $"0-{Block - 1}/1000000")).Status);

        _bench.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(HttpStatusCode.NotFound, (await QuestionAsync(session, "*/*")).Status);
        Assert.Empty(Directory.GetFiles(Path.Combine(_bench.DataDirectory, "content")));
    }

    [Fact]
    public async Task A_cancelled_session_is_gone()
    {
        var session = await StartAsync();

        Assert.Equal(499, (int)(await Client.SendAsync("DELETE", session.ToString())).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await QuestionAsync(session, "*/*")).Status);
    }

    [Fact]
    public async Task A_session_and_what_is_stored_of_it_survive_a_restart()
    {
        var content = RandomNumberGenerator.GetBytes((2 * Block) + 100);
        var session = await StartAsync();
        await Client.PutAsync(session, content[..Block], $"0-{Block - 1}/{content.Length}");
        await _bench.StopAsync();

        // A killed emulator may leave a part of a block behind.
        await using (var stored = new FileStream(Directory.GetFiles(Path.Combine(_bench.DataDirectory, "content")).Single(), FileMode.Append))
        {
            stored.Write(new byte[100]);
        }

        await _bench.StartAsync();
        session = new Uri(_bench.Host.BaseAddress, session.PathAndQuery);
        Assert.Equal($"bytes=0-{Block - 1}", (await QuestionAsync(session, "*/*")).Stored);
        var answer = await Client.PutAsync(session, content[Block..], $"{Block}-{content.Length - 1}/{content.Length}");
        Assert.Equal(Checksum.Md5(content), (string)answer.Json["md5Checksum"]!);

        await _bench.StopAsync();
        await _bench.StartAsync();
        Assert.Equal(answer.Text, (await QuestionAsync(new Uri(_bench.Host.BaseAddress, session.PathAndQuery), "*/*")).Text);
        Assert.Equal(content, (await Client.GetAsync($"drive/v3/files/{answer.Json["id"]}?alt=media")).Body);
    }

    [Fact]
    public async Task Sha256_is_shown_where_it_is_asked_for_and_right_over_a_restart()
    {
        await _bench.StopAsync();
        await _bench.StartAsync(options => options with { Sha256 = true });
        var content = RandomNumberGenerator.GetBytes(Block + 100);
        var session = await StartAsync();
        await Client.PutAsync(session, content[..Block], $"0-{Block - 1}/{content.Length}");
        await _bench.StopAsync();
        await _bench.StartAsync(options => options with { Sha256 = true });

        var answer = await Client.PutAsync(new Uri(_bench.Host.BaseAddress, session.PathAndQuery), content[Block..], $"{Block}-{content.Length - 1}/{content.Length}");

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), (string)answer.Json["sha256Checksum"]!);
    }

    [Fact]
    public async Task Content_of_no_file_and_no_session_goes_at_the_start()
    {
        await _bench.StopAsync();
        var rubbish = Path.Combine(_bench.DataDirectory, "content", "left");
        await File.WriteAllTextAsync(rubbish, "x", TestContext.Current.CancellationToken);

        await _bench.StartAsync();

        Assert.False(File.Exists(rubbish));
    }

    [Fact]
    public async Task An_upload_replaces_the_content_of_a_file()
    {
        var file = await Client.UploadAsync(new JsonObject { ["name"] = "x" }, [1]);
        var start = await Client.SendJsonAsync("PATCH", $"upload/drive/v3/files/{file["id"]}?uploadType=resumable&fields=id,size", new JsonObject { ["name"] = "y" });

        var answer = await Client.PutAsync(start.Headers.Location!, [1, 2], "0-1/2");

        Assert.Equal(((string)file["id"]!, "2"), ((string)answer.Json["id"]!, (string)answer.Json["size"]!));
        Assert.Equal(["y"], await Client.NamesAsync("trashed = false"));
    }

    [Fact]
    public async Task The_quota_is_checked_at_the_start_and_at_the_end()
    {
        await _bench.StopAsync();
        await _bench.StartAsync(options => options with { QuotaBytes = 1000 });
        var announced = await Client.SendJsonAsync("POST", "upload/drive/v3/files?uploadType=resumable", new JsonObject { ["name"] = "x" }, ("X-Upload-Content-Length", "1001"));

        var found = await Client.PutAsync(await StartAsync(), new byte[1001], "0-1000/1001");

        Assert.Equal((HttpStatusCode.Forbidden, "storageQuotaExceeded"), (announced.Status, announced.Reason));
        Assert.Equal((HttpStatusCode.Forbidden, "storageQuotaExceeded"), (found.Status, found.Reason));
    }

    /// <summary>A client whose connection has died asks at once, while the emulator still waits for the rest of the old piece.</summary>
    [Fact]
    public async Task A_question_ends_a_piece_that_does_not_come_on()
    {
        var session = await StartAsync();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var body = new StreamContent(new StalledStream((2 * Block) + 5, end.Token), Block);
        body.Headers.ContentLength = 4 * Block;
        var stalled = Client.SendAsync("PUT", session.ToString(), body, ("Content-Range", $"bytes 0-{(4 * Block) - 1}/{4 * Block}"));
        while (Directory.GetFiles(Path.Combine(_bench.DataDirectory, "content")).Sum(path => new FileInfo(path).Length) < 2 * Block)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        var answer = await QuestionAsync(session, $"*/{4 * Block}");

        Assert.Equal((308, $"bytes=0-{(2 * Block) - 1}"), ((int)answer.Status, answer.Stored));
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => stalled);
        Assert.Equal(HttpStatusCode.OK, (await Client.PutAsync(session, new byte[2 * Block], $"{2 * Block}-{(4 * Block) - 1}/{4 * Block}")).Status);
    }

    private Task<Uri> StartAsync() => Client.StartUploadAsync(new JsonObject { ["name"] = "x" });

    private Task<Answer> QuestionAsync(Uri session, string range) => Client.PutAsync(session, [], range);
}
