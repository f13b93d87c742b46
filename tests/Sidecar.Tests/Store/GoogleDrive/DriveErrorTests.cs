using System.Net;
using System.Text;
using BackupSidecar.Primitives;
using BackupSidecar.Store;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Store.GoogleDrive.Traffic;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Store.GoogleDrive;

/// <summary>What Drive and the way to it may answer, and what becomes of it.</summary>
public sealed class DriveErrorTests : IAsyncLifetime
{
    private static readonly ObjectName Name = ObjectName.Parse("packs/app/0123456789abcdef0123456789abcdef.pack");

    private DriveScene _scene = null!;

    public static TheoryData<int, string> Passing => new()
    {
        { 403, Reason("userRateLimitExceeded") },
        { 403, Reason("rateLimitExceeded") },
        { 403, """{"error":{"code":403,"message":"Quota exceeded","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED"}]}}""" },
        { 429, """{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED"}}""" },
        { 429, "" },
        { 500, Reason("internalError") },
        { 500, "<html>oops</html>" },
        { 502, "<html>bad gateway</html>" },
        { 503, Reason("backendError") },
        { 504, "" },
        { 408, "" },
        { 403, Reason("backendError") },
        { 200, "<html>sign in to the hotel's network</html>" },
        { 200, """{"id":"half of an ans""" },
    };

    public static TheoryData<int, string, string> Final => new()
    {
        { 403, Reason("storageQuotaExceeded"), "Empty its trash" },
        { 403, Reason("storageQuotaExceeded", "Service Accounts do not have storage quota."), "shared drive" },
        { 403, Reason("insufficientFilePermissions"), "role of an editor" },
        { 403, Reason("insufficientParentPermissions"), "role of an editor" },
        { 403, Reason("appNotAuthorizedToFile"), "OAuth client" },
        { 403, Reason("insufficientPermissions"), "drive login" },
        { 403, Reason("accessNotConfigured"), "API library" },
        { 403, Reason("dailyLimitExceeded"), "Pacific" },
        { 403, Reason("teamDriveFileLimitExceeded"), "retention" },
        { 403, Reason("somethingNew"), "drive doctor" },
        { 400, "", "drive doctor" },
        { 404, Reason("notFound"), "Check the folder's id" },
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _scene = await DriveScene.StartAsync();

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task What_may_pass_is_tried_again(int status, string body)
    {
        _scene.Wire.Answer(WireScript.IsCreate, (HttpStatusCode)status, body, times: 3);

        await PutAsync(_scene.Open());

        Assert.Single(await _scene.FilesAsync());
    }

    [Theory]
    [MemberData(nameof(Final))]
    public async Task What_does_not_pass_is_said_at_once_with_what_to_do(int status, string body, string hint)
    {
        _scene.Wire.Clear();
        _scene.Wire.Answer(WireScript.IsCreate, (HttpStatusCode)status, body, times: 100);
        var store = _scene.Open();

        var e = await Assert.ThrowsAnyAsync<StoreException>(() => PutAsync(store));

        Assert.Single(_scene.Wire.Sent, sent => sent.StartsWith("POST", StringComparison.Ordinal));
        Assert.Contains(hint, e.Hint, StringComparison.Ordinal);
        Assert.Contains(Name.ToString(), e.Message, StringComparison.Ordinal);
        Assert.Contains(store.Location, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trying_again_has_an_end()
    {
        _scene.Wire.Clear();
        _scene.Wire.Answer(WireScript.IsCreate, HttpStatusCode.ServiceUnavailable, "", times: 1000);

        var e = await Assert.ThrowsAsync<DriveCallException>(() => PutAsync(_scene.Open()));

        Assert.True(e.IsPassing);
        Assert.Equal(1 + new DriveRetryOptions().RetriesMax, _scene.Wire.Sent.Count(sent => sent.StartsWith("POST", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_connection_that_fails_is_tried_again_and_then_said()
    {
        _scene.Wire.Cut(WireScript.IsAny, times: 3);
        await PutAsync(_scene.Open());
        _scene.Wire.Cut(WireScript.IsAny, times: 1000);

        var e = await Assert.ThrowsAsync<DriveCallException>(async () => await _scene.Open("other").ListAsync("", Ct).ToListAsync(Ct));

        Assert.Contains("network", e.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100_000, 300)]
    [InlineData(100_000, 5_000)]
    public async Task Drive_is_left_alone_as_long_as_it_asks_for_up_to_a_bound(int askedMilliseconds, int boundMilliseconds)
    {
        _scene.Wire.Answer(WireScript.IsCreate, HttpStatusCode.TooManyRequests, "", retryAfter: TimeSpan.FromMilliseconds(askedMilliseconds));
        var store = _scene.Open(change: options => options with { Retry = options.Retry with { DelayMax = TimeSpan.FromMilliseconds(boundMilliseconds) } });
        var started = TimeProvider.System.GetTimestamp();

        await PutAsync(store);

        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds, Math.Min(askedMilliseconds, boundMilliseconds) - 50, askedMilliseconds);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_not_waited_for_for_ever()
    {
        _scene.Wire.Add(WireScript.IsCreate, times: 1, async (_, _) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, Ct);
            throw new InvalidOperationException();
        });
        var store = _scene.Open(change: options => options with { Retry = options.Retry with { Patience = TimeSpan.FromMilliseconds(300), RetriesMax = 0 } });

        var put = PutAsync(store);
        var first = await Task.WhenAny(put, Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, Ct));

        Assert.Same(put, first);
        await Assert.ThrowsAsync<DriveCallException>(() => put);
    }

    [Fact]
    public async Task Over_the_requests_of_a_day_a_call_fails_and_says_so()
    {
        var store = _scene.Open(change: options => options with { RequestsPerDay = 1_000 });
        var budget = _scene.Accounts.Get(_scene.Options().Credential, 325_000, 1_000).Budget;
        await budget.TakeAsync(1, 1_000 - budget.RequestsToday, Ct);
        _scene.Wire.Clear();

        var e = await Assert.ThrowsAsync<DriveCallException>(() => PutAsync(store));

        Assert.Equal(DriveFaultKind.DailyLimit, e.Fault);
        Assert.Contains("1000 requests", e.Message, StringComparison.Ordinal);
        Assert.Empty(_scene.Wire.Sent);
        Assert.Equal(1_000, store.Account.RequestsToday);
    }

    [Fact]
    public async Task A_token_that_is_not_accepted_is_had_anew_once()
    {
        var store = _scene.Open();
        await PutAsync(store);
        _scene.Wire.Answer(WireScript.IsList, HttpStatusCode.Unauthorized, Reason("authError"), times: 1);
        _scene.Token = "another";

        Assert.Single(await store.ListAsync("", Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task A_token_that_is_not_accepted_again_is_said()
    {
        _scene.Wire.Clear();
        _scene.Wire.Answer(WireScript.IsList, HttpStatusCode.Unauthorized, Reason("authError", "Invalid Credentials"), times: 100);

        var e = await Assert.ThrowsAsync<DriveCallException>(async () => await _scene.Open().ListAsync("", Ct).ToListAsync(Ct));

        Assert.Contains("does not accept the credential", e.Message, StringComparison.Ordinal);
        Assert.Contains("drive login", e.Hint, StringComparison.Ordinal);
        Assert.Single(_scene.Wire.Sent);
    }

    [Fact]
    public async Task What_calls_cost_shows_in_the_status_of_the_credential()
    {
        var store = _scene.Open();

        await PutAsync(store);
        _ = await store.ListAsync("", Ct).ToListAsync(Ct);

        Assert.Equal("access token", store.Account.Kind);
        Assert.InRange(store.Account.RequestsToday, 3, 20);
        Assert.InRange(store.Account.UnitsInLastMinute, 5 + 50 + 100, 500);
        Assert.Null(store.Account.Death);
        Assert.Equal(store.Account with { Requests = [] }, Assert.Single(_scene.Accounts.Statuses) with { Requests = [] });
    }

    [Fact]
    public async Task Requests_are_counted_by_what_they_asked_for_and_how_they_ended()
    {
        var store = _scene.Open();
        await PutAsync(store);
        await store.PutAsync(ObjectName.Parse("packs/app/next.pack"), new ContentAtHand("x"u8.ToArray()), Ct);
        var before = Count(store);
        _scene.Wire.Answer(WireScript.IsList, HttpStatusCode.Forbidden, Reason("userRateLimitExceeded"), times: 2);
        _scene.Wire.Answer(WireScript.IsList, HttpStatusCode.TooManyRequests, "");
        _scene.Wire.Answer(WireScript.IsList, HttpStatusCode.ServiceUnavailable, "");
        _scene.Wire.Cut(WireScript.IsList);

        _ = await store.ListAsync("", Ct).ToListAsync(Ct);
        await using (var content = await store.OpenAsync(Name, Ct))
        {
            await content.ReadAsync(0, new byte[1], Ct);
        }

        await store.DeleteAllAsync([Name], Ct);

        Assert.Equal(
            [("Get Ok", 1), ("List Ok", 1), ("List Limited", 3), ("List Failed", 2), ("Download Ok", 1), ("Write Ok", 1)],
            Count(store).Select(one => (one.Key, one.Value - before.GetValueOrDefault(one.Key))).Where(one => one.Item2 > 0));
        Assert.Equal(store.Account.RequestsToday, Count(store).Values.Sum());
    }

    private static Dictionary<string, long> Count(DriveStore store) => store.Account.Requests.ToDictionary(one => $"{one.Kind} {one.Result}", one => one.Count);

    private static string Reason(string reason, string message = "it said so") =>
        $$$"""{"error":{"errors":[{"domain":"global","reason":"{{{reason}}}","message":"{{{message}}}"}],"code":403,"message":"{{{message}}}"}}""";

    private static async Task PutAsync(DriveStore store) => await store.PutAsync(Name, new ContentAtHand(Encoding.UTF8.GetBytes("x")), Ct);
}
