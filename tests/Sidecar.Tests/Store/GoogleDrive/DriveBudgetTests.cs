using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Store.GoogleDrive.Traffic;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace BackupSidecar.Tests.Store.GoogleDrive;

/// <summary>Units and requests, under a clock that the test moves.</summary>
public sealed class DriveBudgetTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 23, 0, 0, TimeSpan.Zero));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_minute_holds_more_units_than_allowed_wherever_it_begins()
    {
        using var budget = Budget(1_000, 1_000_000);
        const int seed = 4711;
        var random = new Random(seed);
        var spent = new List<(TimeSpan At, int Units)>();
        var start = _time.GetTimestamp();
        for (var call = 0; call < 300; call++)
        {
            var units = random.Next(1, 200);
            var taking = budget.TakeAsync(units, 1, Ct).AsTask();
            while (!taking.IsCompleted)
            {
                _time.Advance(TimeSpan.FromMilliseconds(250));
                await Task.Yield();
            }

            await taking;
            spent.Add((_time.GetElapsedTime(start), units));
            _time.Advance(TimeSpan.FromMilliseconds(random.Next(0, 2_000)));
        }

        foreach (var (at, _) in spent)
        {
            var inMinute = spent.Where(other => other.At >= at && other.At < at + TimeSpan.FromMinutes(1)).Sum(other => other.Units);
            Assert.True(inMinute <= 1_000, $"seed {seed}: {inMinute} units in the minute from {at}");
        }
    }

    [Fact]
    public async Task Who_waits_is_counted_and_goes_on_when_units_are_free()
    {
        using var budget = Budget(1_000, 1_000_000);
        await budget.TakeAsync(1_000, 1, Ct);

        var waiting = budget.TakeAsync(200, 1, Ct).AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.Equal(1, budget.Waiting);
        Assert.Equal(1_000, budget.UnitsInLastMinute);
        for (var second = 0; second < 70 && !waiting.IsCompleted; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1.01));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ct);
        }

        await waiting;
        Assert.Equal(200, budget.UnitsInLastMinute);
        Assert.Equal(0, budget.Waiting);
    }

    [Fact]
    public async Task A_wait_for_units_can_be_given_up()
    {
        using var budget = Budget(1_000, 1_000_000);
        await budget.TakeAsync(1_000, 1, Ct);
        using var stop = new CancellationTokenSource();

        var waiting = budget.TakeAsync(200, 1, stop.Token).AsTask();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, budget.Waiting);
    }

    [Fact]
    public async Task The_requests_of_a_day_begin_anew_at_midnight_UTC()
    {
        using var budget = Budget(1_000_000, 1_000);
        await budget.TakeAsync(1, 1_000, Ct);
        await Assert.ThrowsAsync<DriveCallException>(async () => await budget.TakeAsync(1, 1, Ct));

        _time.Advance(TimeSpan.FromHours(1));

        await budget.TakeAsync(1, 1, Ct);
        Assert.Equal(1, budget.RequestsToday);
    }

    [Fact]
    public void Equal_credentials_share_one_budget_and_its_lowest_limits()
    {
        using var accounts = new DriveAccounts(_time, _ => null);
        var first = accounts.Get(new DriveCredentialOptions { Kind = DriveCredentialKind.Json, File = "/a" }, 5_000, 9_000);
        var second = accounts.Get(new DriveCredentialOptions { Kind = DriveCredentialKind.Json, File = "/a" }, 6_000, 8_000);
        var other = accounts.Get(new DriveCredentialOptions { Kind = DriveCredentialKind.Json, File = "/b" }, 6_000, 8_000);

        Assert.Same(first, second);
        Assert.NotSame(first, other);
        Assert.Equal((5_000, 8_000), (first.Budget.UnitsPerMinute, first.Budget.RequestsPerDay));
        Assert.Equal(2, accounts.Statuses.Count);
    }

    private DriveBudget Budget(int unitsPerMinute, int requestsPerDay) => new(unitsPerMinute, new DriveRequestCount(requestsPerDay, file: null, problem => Assert.Fail(problem.Message), _time), _time);
}
