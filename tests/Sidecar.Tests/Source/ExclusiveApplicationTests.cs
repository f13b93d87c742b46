using BackupSidecar.Primitives;
using Xunit;

namespace BackupSidecar.Tests.Source;

/// <summary>A class of its own because the wait that it tests is long: others run beside it.</summary>
public sealed class ExclusiveApplicationTests
{
    [Theory]
    [InlineData("PRAGMA locking_mode=EXCLUSIVE; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE; ")]
    [InlineData("PRAGMA journal_mode=DELETE; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; ")]
    public async Task An_application_that_locks_everybody_out_is_named_as_the_reason(string pragmas)
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.ExecuteAsync("app", pragmas + SourceBench.Change);

        var failure = Assert.Throws<OperatorException>(() => bench.Read());
        Assert.Equal(FailureKind.DatabaseInUse, failure.Kind);
        Assert.Equal("", await bench.Locks.HeldByUsAsync(bench.Path));
    }
}
