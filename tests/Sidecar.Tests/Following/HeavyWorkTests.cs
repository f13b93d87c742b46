using BackupSidecar.Following;
using Xunit;

namespace BackupSidecar.Tests.Following;

/// <summary>Who reads a whole database waits only for databases of its own size.</summary>
public sealed class HeavyWorkTests
{
    private const long Small = 1 << 20;
    private const long Medium = 1L << 30;
    private const long Huge = 100L << 30;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_huge_database_keeps_nobody_smaller_waiting()
    {
        using var heavy = new HeavyWork(smallTurns: 1);
        using var huge = await heavy.EnterAsync(Huge, Ct);
        using var medium = await heavy.EnterAsync(Medium, Ct);
        for (var i = 0; i < 99; i++)
        {
            using var small = await heavy.EnterAsync(Small, Ct);
        }
    }

    [Theory]
    [InlineData(Small, 2)]
    [InlineData(Medium, 1)]
    [InlineData(Huge, 1)]
    public async Task Those_of_one_size_take_turns(long bytes, int turns)
    {
        using var heavy = new HeavyWork(smallTurns: 2);
        var taken = new List<HeavyWork.Turn>();
        for (var i = 0; i < turns; i++)
        {
            taken.Add(await heavy.EnterAsync(bytes, Ct));
        }

        var next = heavy.EnterAsync(bytes, Ct).AsTask();
        Assert.False(next.IsCompleted);
        taken[0].Dispose();
        (await next).Dispose();
        taken.Skip(1).ToList().ForEach(turn => turn.Dispose());
    }

    [Fact]
    public async Task Who_stops_waiting_takes_no_turn()
    {
        using var heavy = new HeavyWork(smallTurns: 1);
        using var stop = new CancellationTokenSource();
        var turn = await heavy.EnterAsync(Small, Ct);
        var waiting = heavy.EnterAsync(Small, stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        turn.Dispose();
        (await heavy.EnterAsync(Small, Ct)).Dispose();
    }
}
