using BackupSidecar.Ledger;
using BackupSidecar.Primitives;
using BackupSidecar.Testing.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace BackupSidecar.Tests.Ledger;

public sealed class RunLedgerTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly List<OperatorException> _told = [];

    private string FilePath => _scratch.Join("state/runs.json");

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void What_was_recorded_is_known_after_a_restart()
    {
        var proved = new ProvedRestore(_time.GetUtcNow(), 7, "00000000000000aa", 4096, 12);
        var ledger = Open();
        ledger.Succeeded("a", RunKind.Backup, TimeSpan.FromMilliseconds(100));
        ledger.Succeeded("a", RunKind.Backup, TimeSpan.FromMilliseconds(300));
        ledger.Failed("a", RunKind.Backup, new OperatorException(FailureKind.Failed, "no space", "Make room."));
        ledger.Succeeded("a", RunKind.Drill, TimeSpan.FromMilliseconds(12), proved);

        var runs = Open().Of("a");

        Assert.Equal((2, 1, TimeSpan.FromMilliseconds(200)), (runs.Backups.Succeeded, runs.Backups.Failed, runs.Backups.Average));
        Assert.Equal(2.0 / 3, runs.Backups.SuccessRate!.Value, 9);
        Assert.Equal(proved, runs.LastProved);
        Assert.Equal(("no space", RunKind.Backup), (runs.LastFailure!.Message, runs.LastFailure.Kind));
        Assert.Equal(SourceRuns.None, Open().Of("b"));
        Assert.Empty(_told);
    }

    [Fact]
    public void A_damaged_file_is_said_and_begun_anew()
    {
        Open().Succeeded("a", RunKind.Backup, TimeSpan.Zero);
        File.WriteAllText(FilePath, File.ReadAllText(FilePath).Replace("\"a\"", "\"b\"", StringComparison.Ordinal));

        var ledger = Open();

        Assert.Equal(SourceRuns.None, ledger.Of("b"));
        Assert.Contains(FilePath, Assert.Single(_told).Message, StringComparison.Ordinal);
        ledger.Succeeded("a", RunKind.Backup, TimeSpan.Zero);
        Assert.Equal(1, Open().Of("a").Backups.Succeeded);
    }

    [Fact]
    public void Where_it_cannot_be_written_runs_still_count()
    {
        File.WriteAllText(_scratch.Join("state"), "in the way");
        var ledger = Open();

        ledger.Succeeded("a", RunKind.Backup, TimeSpan.Zero);

        Assert.Equal(1, ledger.Of("a").Backups.Succeeded);
        Assert.NotEmpty(_told);
    }

    private RunLedger Open() => new(FilePath, _told.Add, _time);
}
