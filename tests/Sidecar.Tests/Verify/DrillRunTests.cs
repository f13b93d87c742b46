using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Testing.Store;
using BackupSidecar.Verify;
using Xunit;
using static BackupSidecar.Tests.Repository.RepositorySamples;

namespace BackupSidecar.Tests.Verify;

public sealed class DrillRunTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_drill_removes_what_a_killed_one_left_and_leaves_one_that_goes_on_and_nothing_of_its_own()
    {
        var (dead, alive) = (Begun("dead"), Begun("alive"));
        await using var repository = await BackupRepository.OpenForWritingAsync(new MemoryStore(), "the test", createIfMissing: true, TimeProvider.System, Ct);
        _ = await PublishBackupAsync(repository, await repository.RegisterSourceAsync("a", Ct), 0, 1);
        await using var running = new FileStream(Path.Join(alive, "running"), FileMode.Open, FileAccess.Write, FileShare.None);

        _ = await Assert.ThrowsAnyAsync<OperatorException>(async () => await new DrillRun(repository, _scratch.FullPath, workers: 1, TimeProvider.System, progress: null).ExecuteAsync("a", Ct));

        Assert.False(Directory.Exists(dead));
        Assert.Equal([alive], Directory.GetDirectories(_scratch.FullPath));
    }

    private string Begun(string name)
    {
        var directory = Directory.CreateDirectory(_scratch.Join($"backup-sidecar-drill-{name}")).FullName;
        File.WriteAllText(Path.Join(directory, "running"), "");
        File.WriteAllText(Path.Join(directory, "drill.db"), "half a copy");
        return directory;
    }
}
