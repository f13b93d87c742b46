using BackupSidecar.Api;
using BackupSidecar.Contracts.V1;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace BackupSidecar.Tests.Api;

/// <summary>Long calls that go on without their client.</summary>
public sealed class OperationsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Operations<string> _operations;

    public OperationsTests() => _operations = new Operations<string>(2, "things", new CallEnd(_ending.Token), _time);

    public void Dispose() => _ending.Dispose();

    [Fact]
    public async Task Who_asks_again_with_the_same_id_joins_and_later_gets_what_came_of_it()
    {
        var work = new TaskCompletionSource<string>();
        var first = _operations.BeginOrJoin("id-00001", "request", id => $"begun {id}", (_, _) => work.Task);
        var second = _operations.BeginOrJoin("id-00001", "request", _ => "not begun", (_, _) => throw new InvalidOperationException("begun twice"));

        Assert.Same(first, second);
        Assert.Equal("begun id-00001", second.Look());
        first.Tell("half");
        Assert.Equal("half", second.Look());
        work.SetResult("done");
        _ = await first.Work;
        Assert.Equal("done", _operations.BeginOrJoin("id-00001", "request", _ => "", (_, _) => work.Task).Look());
    }

    [Fact]
    public void An_id_of_another_request_is_refused()
    {
        _ = _operations.BeginOrJoin("id-00001", "request", _ => "", (_, _) => new TaskCompletionSource<string>().Task);

        Assert.Equal(ErrorReason.InvalidArgument, Assert.Throws<ApiException>(() => _operations.BeginOrJoin("id-00001", "other", _ => "", (_, _) => Task.FromResult(""))).Reason);
    }

    [Fact]
    public async Task More_than_may_go_on_are_refused_and_an_end_makes_room()
    {
        var work = new TaskCompletionSource<string>();
        var first = _operations.BeginOrJoin("", "a", _ => "", (_, _) => work.Task);
        var second = _operations.BeginOrJoin("", "b", _ => "", (_, _) => work.Task);
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(ErrorReason.TooManyCalls, Assert.Throws<ApiException>(() => _operations.BeginOrJoin("", "c", _ => "", (_, _) => work.Task)).Reason);

        work.SetResult("");
        _ = await Task.WhenAll(first.Work, second.Work);

        _ = await _operations.BeginOrJoin("", "c", _ => "", (_, _) => work.Task).Work;
    }

    [Fact]
    public async Task A_failure_is_told_to_whoever_looks_and_forgotten_after_an_hour()
    {
        var failing = _operations.BeginOrJoin("id-00001", "a", _ => "", (_, _) => throw new ApiException(ErrorReason.Failed, "no", "Hm."));
        _ = await Assert.ThrowsAsync<ApiException>(() => failing.Work);
        Assert.Equal("no", Assert.Throws<ApiException>(() => _operations.BeginOrJoin("id-00001", "a", _ => "", (_, _) => Task.FromResult("")).Look()).Message);

        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal("new", await _operations.BeginOrJoin("id-00001", "a", _ => "", (_, _) => Task.FromResult("new")).Work);
    }

    [Fact]
    public async Task The_end_of_the_service_ends_what_goes_on()
    {
        var waiting = _operations.BeginOrJoin("", "a", _ => "", async (_, ct) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
            return "";
        });

        await _ending.CancelAsync();

        Assert.Equal(ErrorReason.Ending, (await Assert.ThrowsAsync<ApiException>(() => waiting.Work)).Reason);
    }
}
