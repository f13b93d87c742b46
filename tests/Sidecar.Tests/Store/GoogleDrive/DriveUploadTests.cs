using System.Net;
using System.Security.Cryptography;
using BackupSidecar.Primitives;
using BackupSidecar.Store;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Store.GoogleDrive;

/// <summary>Each object exactly once and whole, whatever happens on the way.</summary>
public sealed class DriveUploadTests : IAsyncLifetime
{
    private const int LargeBytes = (3 << 20) + 5;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly ObjectName Pack = ObjectName.Parse("packs/app/0123456789abcdef0123456789abcdef.pack");
    private static readonly ObjectName Document = ObjectName.Parse("documents/a.json");

    private readonly byte[] _large = RandomNumberGenerator.GetBytes(LargeBytes);
    private DriveScene _scene = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _scene = await DriveScene.StartAsync();

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Theory]
    [InlineData(10)]
    [InlineData(LargeBytes)]
    public async Task An_upload_whose_answer_was_lost_makes_no_second_file(int length)
    {
        _scene.Wire.LoseAnswer(request => request.Method != HttpMethod.Get && (length == 10 || WireScript.IsChunk(request)), times: 1);

        await PutAsync(_scene.Open(), Pack, _large[..length]);

        await ShouldHoldAsync(Pack, _large[..length]);
    }

    [Fact]
    public async Task The_last_answer_of_an_upload_may_be_lost()
    {
        _scene.Wire.LoseAnswer(request => WireScript.IsChunk(request) && request.Content!.Headers.GetValues("Content-Range").Single().Contains($"-{LargeBytes - 1}/", StringComparison.Ordinal));

        await PutAsync(_scene.Open(), Pack, _large);

        await ShouldHoldAsync(Pack, _large);
    }

    [Fact]
    public async Task A_cut_connection_costs_what_was_on_its_way_and_no_more()
    {
        var chunks = 0;
        _scene.Wire.Cut(request => WireScript.IsChunk(request) && ++chunks % 3 == 0, times: 100);
        var content = new ContentAtHand(_large);

        await _scene.Open().PutAsync(Pack, content, Ct);

        await ShouldHoldAsync(Pack, _large);
        Assert.InRange(BytesReceived(), LargeBytes, LargeBytes + (64 << 10));
    }

    [Fact]
    public async Task Of_a_piece_that_was_kept_in_part_the_rest_is_sent_again()
    {
        // As if Drive had kept the first 256 KiB only: what it says is what counts.
        var store = _scene.Open(change: options => options with { ChunkBytes = 1 << 20 });
        _scene.Wire.Add(WireScript.IsChunk, times: 1, async (request, send) =>
        {
            var whole = await request.Content!.ReadAsByteArrayAsync(Ct);
            var part = new ByteArrayContent(whole[..(256 << 10)]);
            part.Headers.Add("Content-Range", $"bytes 0-{(256 << 10) - 1}/{LargeBytes}");
            request.Content = part;
            return await send();
        });

        await PutAsync(store, Pack, _large);

        await ShouldHoldAsync(Pack, _large);
        Assert.InRange(BytesReceived(), LargeBytes, LargeBytes + (64 << 10));
    }

    [Fact]
    public async Task That_nothing_was_kept_is_said_by_an_answer_without_a_range()
    {
        _scene.Wire.Add(WireScript.IsChunk, times: 2, (_, _) => Task.FromResult(new HttpResponseMessage((HttpStatusCode)308) { Content = new ByteArrayContent([]) }));

        await PutAsync(_scene.Open(), Pack, _large);

        await ShouldHoldAsync(Pack, _large);
    }

    [Fact]
    public async Task A_session_that_is_gone_is_begun_anew_under_the_same_id()
    {
        var chunks = 0;
        _scene.Wire.Answer(request => WireScript.IsChunk(request) && ++chunks == 4, HttpStatusCode.NotFound, "", times: 1);

        await PutAsync(_scene.Open(), Pack, _large);

        await ShouldHoldAsync(Pack, _large);
        Assert.Equal(2, _scene.Wire.Sent.Count(sent => sent == "POST /upload/drive/v3/files"));
        Assert.Single(_scene.Wire.Sent, "GET /drive/v3/files/generateIds");
    }

    [Fact]
    public async Task After_a_restart_an_upload_goes_on_where_it_was()
    {
        await BeginAndDieAsync(afterChunks: 8);
        var before = BytesReceived();
        Assert.InRange(before, 8 * (256 << 10), 9 * (256 << 10));

        await PutAsync(_scene.Open(), Pack, _large);

        await ShouldHoldAsync(Pack, _large);
        Assert.InRange(BytesReceived(), LargeBytes, LargeBytes + (256 << 10) + (64 << 10));
        Assert.DoesNotContain("POST /upload/drive/v3/files", _scene.Wire.Sent);
    }

    [Fact]
    public async Task After_a_restart_other_content_of_the_same_length_is_not_glued_to_the_first()
    {
        await BeginAndDieAsync(afterChunks: 8);
        var other = RandomNumberGenerator.GetBytes(LargeBytes);

        var e = await Assert.ThrowsAsync<StoreException>(() => PutAsync(_scene.Open(), Pack, other));
        Assert.Equal(FailureKind.VerificationFailed, e.Kind);
        Assert.Empty(await _scene.FilesAsync());
        await PutAsync(_scene.Open(), Pack, other);

        await ShouldHoldAsync(Pack, other);
    }

    [Fact]
    public async Task A_put_that_came_through_unnoticed_before_a_restart_is_found_by_its_id()
    {
        _scene.Wire.LoseAnswer(request => request.Method == HttpMethod.Post, times: 1);
        _scene.Wire.Cut(request => request.Method == HttpMethod.Post, times: 1000);
        await Assert.ThrowsAnyAsync<StoreException>(() => PutAsync(NoRetry(), Pack, [1, 2, 3]));
        _scene.Wire.Clear();

        await PutAsync(_scene.Open(), Pack, [1, 2, 3]);

        await ShouldHoldAsync(Pack, [1, 2, 3]);
    }

    [Fact]
    public async Task A_put_that_came_through_unnoticed_takes_its_name_from_other_content()
    {
        _scene.Wire.LoseAnswer(WireScript.IsCreate, times: 1);
        await Assert.ThrowsAnyAsync<StoreException>(() => PutAsync(NoRetry(), Pack, [1, 2, 3]));

        await Assert.ThrowsAsync<ObjectExistsException>(() => PutAsync(_scene.Open(), Pack, [4, 5, 6]));
        await Assert.ThrowsAsync<ObjectExistsException>(() => PutAsync(_scene.Open("other"), Document, [4]).ContinueWith(_ => PutAsync(_scene.Open("third"), Document, [5]), TaskScheduler.Default).Unwrap());

        Assert.Equal([1, 2, 3], await ReadAsync(_scene.Open("elsewhere"), Pack));
    }

    [Fact]
    public async Task A_put_that_came_through_unnoticed_is_opened_before_any_listing_shows_it()
    {
        var store = NoRetry();
        _scene.Wire.LoseAnswer(WireScript.IsCreate, times: 1);
        await Assert.ThrowsAnyAsync<StoreException>(() => PutAsync(store, Pack, [1, 2, 3]));
        _scene.Wire.ChangeText(WireScript.IsList, _ => """{"files":[]}""", times: 100);

        Assert.Equal([1, 2, 3], await ReadAsync(store, Pack));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(LargeBytes)]
    public async Task What_was_stored_otherwise_than_sent_is_deleted_and_said(int length)
    {
        // A byte is turned on the way.
        _scene.Wire.Add(request => WireScript.IsChunk(request) || (length == 10 && WireScript.IsCreate(request)), times: 1, async (request, send) =>
        {
            var bytes = await request.Content!.ReadAsByteArrayAsync(Ct);
            bytes[^(length == 10 ? 50 : 1)] ^= 1;
            var turned = new ByteArrayContent(bytes);
            foreach (var (name, values) in request.Content.Headers)
            {
                _ = turned.Headers.TryAddWithoutValidation(name, values);
            }

            request.Content = turned;
            return await send();
        });
        var store = _scene.Open();

        var e = await Assert.ThrowsAsync<StoreException>(() => PutAsync(store, Pack, _large[..length]));

        Assert.Equal(FailureKind.VerificationFailed, e.Kind);
        Assert.Contains("is not what was sent", e.Message, StringComparison.Ordinal);
        Assert.Empty(await _scene.FilesAsync());
        await PutAsync(store, Pack, _large[..length]);
        await ShouldHoldAsync(Pack, _large[..length]);
    }

    [Fact]
    public async Task The_content_is_read_once_to_be_sent_and_once_to_be_hashed_where_nothing_goes_wrong()
    {
        var content = new ContentAtHand(_large);

        await _scene.Open().PutAsync(Pack, content, Ct);

        Assert.Equal(2 * LargeBytes, content.BytesRead);
    }

    [Fact]
    public async Task The_journal_is_the_owners_alone_and_empty_when_all_is_done()
    {
        await BeginAndDieAsync(afterChunks: 2);

        var file = Assert.Single(Directory.GetFiles(Path.Join(_scene.StateOf("state"), "uploads")));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(file));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(_scene.StateOf("state")));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
        Assert.Contains("upload_id", await File.ReadAllTextAsync(file, Ct), StringComparison.Ordinal);
        Assert.Equal(1, _scene.Open().UnfinishedUploads);

        await PutAsync(_scene.Open(), Pack, _large);
        Assert.Empty(Directory.GetFiles(Path.Join(_scene.StateOf("state"), "uploads")));
    }

    [Fact]
    public async Task The_address_of_a_session_is_in_no_error()
    {
        _scene.Wire.Cut(WireScript.IsChunk, times: 1000);
        var failures = new List<Exception> { await Assert.ThrowsAnyAsync<StoreException>(() => PutAsync(NoRetry(), Pack, _large)) };
        _scene.Wire.Clear();
        _scene.Wire.Answer(request => request.Method == HttpMethod.Put, HttpStatusCode.Forbidden, """{"error":{"code":403,"message":"no","errors":[{"reason":"insufficientFilePermissions"}]}}""", times: 1000);
        failures.Add(await Assert.ThrowsAnyAsync<StoreException>(() => PutAsync(_scene.Open(), Pack, _large)));

        Assert.All(failures, e => Assert.DoesNotContain("upload_id", e.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Old_and_too_many_records_of_the_journal_are_swept_by_a_writer()
    {
        var uploads = Path.Join(_scene.StateOf("state"), "uploads");
        Directory.CreateDirectory(uploads);
        for (var i = 0; i < 1_010; i++)
        {
            await File.WriteAllTextAsync(Path.Join(uploads, $"{i}.json"), "{}", Ct);
        }

        File.SetLastWriteTimeUtc(Path.Join(uploads, "0.json"), DateTime.Parse("2020-01-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
        await File.WriteAllTextAsync(Path.Join(uploads, "half.tmp"), "{", Ct);

        await using var held = await _scene.Open().LockForWritingAsync("me", Ct);

        Assert.Equal(1_000, Directory.GetFiles(uploads, "*.json").Length);
        Assert.False(File.Exists(Path.Join(uploads, "0.json")));
        Assert.False(File.Exists(Path.Join(uploads, "half.tmp")));
    }

    [Fact]
    public async Task What_a_dead_process_staged_is_swept_by_a_writer()
    {
        var spool = Path.Join(_scene.StateOf("state"), "spool");
        Directory.CreateDirectory(spool);
        await File.WriteAllTextAsync(Path.Join(spool, "left"), "x", Ct);

        await using var held = await _scene.Open().LockForWritingAsync("me", Ct);

        Assert.Empty(Directory.GetFiles(spool));
    }

    [Fact]
    public async Task Ids_are_had_many_at_a_time()
    {
        var store = _scene.Open();

        for (var i = 0; i < 10; i++)
        {
            await PutAsync(store, ObjectName.Parse($"packs/app/{i}123456789abcdef0123456789abcdef.pack"), [1]);
        }

        Assert.Single(_scene.Wire.Sent, "GET /drive/v3/files/generateIds");
        Assert.DoesNotContain("GET /drive/v3/files", _scene.Wire.Sent);
    }

    [Fact]
    public async Task A_name_that_is_not_random_is_looked_for_before_it_is_put()
    {
        await _scene.AddFileAsync(Document.ToString(), "another's");

        await Assert.ThrowsAsync<ObjectExistsException>(() => PutAsync(_scene.Open(), Document, [1]));

        Assert.Single(await _scene.FilesAsync());
    }

    /// <summary>A process that dies after some pieces: its requests stop, and nothing of it runs any more.</summary>
    private async Task BeginAndDieAsync(int afterChunks)
    {
        using var death = new CancellationTokenSource();
        var chunks = 0;
        _scene.Wire.Before(
            request => WireScript.IsChunk(request) && ++chunks > afterChunks,
            () =>
            {
                death.Cancel();
                return Task.CompletedTask;
            },
            times: 1000);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _scene.Open().PutAsync(Pack, new ContentAtHand(_large), death.Token));
        _scene.Wire.Clear();
    }

    private DriveStore NoRetry() => _scene.Open(change: options => options with { Retry = options.Retry with { RetriesMax = 0 } });

    private long BytesReceived() => _scene.Host.Requests.Entries().Where(entry => entry.Method == "PUT").Sum(entry => entry.ReceivedBytes);

    private async Task ShouldHoldAsync(ObjectName name, byte[] bytes)
    {
        var file = Assert.Single(await _scene.FilesAsync());
        Assert.Equal(name.ToString(), file.Name);
        var read = await ReadAsync(_scene.Open("elsewhere"), name);
        Assert.True(bytes.AsSpan().SequenceEqual(read));
    }

    private static async Task PutAsync(DriveStore store, ObjectName name, byte[] bytes) => await store.PutAsync(name, new ContentAtHand(bytes), Ct);

    private static async Task<byte[]> ReadAsync(DriveStore store, ObjectName name)
    {
        await using var stored = await store.OpenAsync(name, Ct);
        var bytes = new byte[stored.Length];
        await stored.ReadAsync(0, bytes, Ct);
        return bytes;
    }
}
