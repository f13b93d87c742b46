using BackupSidecar.Primitives;
using BackupSidecar.Source;
using Xunit;

namespace BackupSidecar.Tests.Source;

/// <summary>A class of its own because the wait that it tests is long: others run beside it.</summary>
public sealed class ExclusiveApplicationTests
{
    [Theory]
    [InlineData("PRAGMA locking_mode=EXCLUSIVE; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE; ")]
    [InlineData("PRAGMA journal_mode=DELETE; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; ")]
    [InlineData("PRAGMA locking_mode=EXCLUSIVE; ")]
    [InlineData("PRAGMA journal_mode=DELETE; BEGIN EXCLUSIVE; ")]
    public async Task An_application_that_locks_everybody_out_is_named_as_the_reason(string pragmas)
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.ExecuteAsync("app", pragmas + SourceBench.Change);

        var started = TimeProvider.System.GetTimestamp();
        var failure = Assert.Throws<OperatorException>(() => bench.Read());
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), SqliteReadConnection.BusyWaitMax * 0.98, TimeSpan.MaxValue);
        Assert.Equal(FailureKind.DatabaseInUse, failure.Kind);
        Assert.Contains("stayed locked for 5 s", failure.Message, StringComparison.Ordinal);
        Assert.Contains("locking_mode=EXCLUSIVE", failure.Hint, StringComparison.Ordinal);
        Assert.Equal("", await bench.Locks.HeldByUsAsync(bench.Path));
    }
}
