using BackupSidecar.Following;
using BackupSidecar.Pack;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace BackupSidecar.Tests.Following;

/// <summary>Whoever asks for a capture does not wait for a delay that only spares work.</summary>
public sealed class CaptureRequestsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_request_ends_a_delay_that_has_begun_and_one_that_begins()
    {
        var shared = Shared();
        var delay = shared.DelayUnlessAskedAsync(TimeSpan.FromHours(1));
        Assert.False(delay.IsCompleted);

        _ = shared.Requests.Add();

        await delay.WaitAsync(TestContext.Current.CancellationToken);
        await shared.DelayUnlessAskedAsync(TimeSpan.FromHours(1)).WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task When_every_request_is_answered_a_delay_takes_its_time_again()
    {
        var shared = Shared();
        _ = shared.Requests.Add();
        var first = shared.Requests.Peek();
        var second = shared.Requests.Add();
        shared.Requests.Complete(first);
        Assert.True(shared.Requests.Asked.IsCompleted);
        Assert.False(second.IsCompleted);

        shared.Requests.Complete(shared.Requests.Peek());

        var delay = shared.DelayUnlessAskedAsync(TimeSpan.FromSeconds(1));
        Assert.False(delay.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await delay.WaitAsync(TestContext.Current.CancellationToken);
    }

    private FollowerShared Shared() => new(
        SampleDefinition.Of("app", "/app.db"),
        new FollowerSurroundings(Repository: null!, "/state", HeavyWork: null!, Log: null!, Watch: null!, new Random(1), Workers: 1, _time));
}
