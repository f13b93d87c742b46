using BackupSidecar.Cli.Output;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli.Demo;

/// <summary>What the demonstration does, each step with the command line that anybody could type.</summary>
/// <remarks>
/// (1) An application writes · (2) a full and three increments meanwhile · (3) the application is killed, its database damaged ·
/// (4) SQLite finds the damage · (5) restore · (6) proof · (7) an older state, and the whole repository verified.
/// </remarks>
internal sealed class DemoStory(Surroundings surroundings, string scratch)
{
    private const int Increments = 3;
    private const int CommitsBetween = 150;

    /// <summary>Overwritten in the middle of the file, where the documents are.</summary>
    private const int DamageBytes = 64 * 1024;

    private readonly string _database = Path.Join(scratch, "shop.db");
    private readonly string _first = Path.Join(scratch, "first.db");
    private readonly string _repository = Path.Join(scratch, "repository");
    private readonly string _state = Path.Join(scratch, "state");

    /// <returns>0, or the exit code of the step that failed.</returns>
    public async ValueTask<int> TellAsync(CancellationToken ct)
    {
        var started = surroundings.Time.GetTimestamp();
        try
        {
            // (1)
            await using var writer = DemoWriterProcess.Start(_database);
            await writer.AwaitCommitsAsync(CommitsBetween, ct);
            Say($"An application (process {writer.Id}) writes a few hundred transactions a second to {_database}, in WAL mode.");

            // (2)
            await RunAsync("The first backup stores everything, while the application goes on writing.", ct, [.. Backup, "--label", "first"]);
            for (var i = 0; i < Increments; i++)
            {
                await writer.AwaitCommitsAsync(CommitsBetween, ct);
                await RunAsync(i == 0 ? "The next ones store the pages that changed." : null, ct, Backup);
            }

            await RunAsync("What there is now:", ct, "list", "--repository", _repository);

            // (3)
            await writer.AwaitCommitsAsync(CommitsBetween, ct);
            await writer.KillAsync(ct);
            Say($"The application is killed (SIGKILL). It had committed at least {HumanText.Count(writer.Acknowledged)} transfers.");
            var seek = Damage();
            Show($"dd if=/dev/zero of={_database} bs=4096 seek={seek} count={DamageBytes / 4096} conv=notrunc");

            // (4)
            Say("Its database is damaged in the middle. SQLite says:");
            Show($"sqlite3 {_database} 'PRAGMA integrity_check(1)'");
            var damage = DemoDatabase.IntegrityOf(_database);
            surroundings.Out.WriteLine(damage);
            Require(damage != "ok", "SQLite did not find the damage.");

            // (5)
            await RunAsync("Restore the newest backup in its place.", ct, "restore", "--repository", _repository, "--output", _database, "--overwrite");

            // (6)
            Prove();

            // (7)
            await RunAsync("An older state goes to another file.", ct, "restore", "--repository", _repository, "--label", "first", "--output", _first);
            Require(DemoDatabase.IsBalanced(_first), "The older state is not whole.");
            surroundings.Out.WriteLine($"It holds {HumanText.Count(DemoDatabase.TransfersIn(_first))} transfers, and its books balance too.");
            await RunAsync("Last, every byte of the repository is read and compared.", ct, "verify", "--repository", _repository, "--level", "data");
        }
        catch (DemoStepException e)
        {
            return e.ExitCode;
        }

        Say($"The demonstration took {HumanText.Duration(surroundings.Time.GetElapsedTime(started))}. The same on your own database:");
        Show("backup-sidecar backup --database /path/to/app.db --repository /path/to/backups");
        return ExitCode.Ok;
    }

    private string[] Backup => ["backup", "--database", _database, "--repository", _repository, "--state", _state];

    private async ValueTask RunAsync(string? sentence, CancellationToken ct, params string[] arguments)
    {
        ct.ThrowIfCancellationRequested();
        if (sentence is not null)
        {
            Say(sentence);
        }

        Show($"{CommandLine.ProgramName} {string.Join(' ', arguments)}");
        var exitCode = await CommandLine.RunAsync(arguments, surroundings);
        ct.ThrowIfCancellationRequested();
        if (exitCode != ExitCode.Ok)
        {
            throw new DemoStepException(exitCode);
        }
    }

    /// <returns>The first page that was overwritten, from 0.</returns>
    private long Damage()
    {
        using var file = File.OpenHandle(_database, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        var seek = RandomAccess.GetLength(file) / 2 / 4096;
        RandomAccess.Write(file, new byte[DamageBytes], seek * 4096);
        return seek;
    }

    private void Prove()
    {
        Say("Is it right? Its fingerprint is the one of the moment of the backup, see above. And:");
        Show($"sqlite3 {_database} 'PRAGMA integrity_check(1)'");
        var integrity = DemoDatabase.IntegrityOf(_database);
        surroundings.Out.WriteLine(integrity);
        Require(integrity == "ok", "SQLite finds damage in the restored database.");
        Require(DemoDatabase.IsBalanced(_database), "The restored database is not one committed state.");
        surroundings.Out.WriteLine(
            $"It holds {HumanText.Count(DemoDatabase.TransfersIn(_database))} transfers, all that were committed when the newest backup began. Each of {HumanText.Count(DemoDatabase.Accounts)} balances is what they add up to: no half of a transaction is in it.");
    }

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new OperatorException(FailureKind.VerificationFailed, message, "This must never happen: please report it, with the scratch directory.");
        }
    }

    private void Say(string sentence)
    {
        surroundings.Out.WriteLine();
        surroundings.Out.WriteLine(sentence);
    }

    private void Show(string commandLine) => surroundings.Out.WriteLine($"$ {commandLine}");
}
