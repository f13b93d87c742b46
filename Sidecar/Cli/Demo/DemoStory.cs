using BackupSidecar.Cli.Output;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli.Demo;

/// <summary>What the demonstration does, each step with the command line that anybody could type.</summary>
/// <remarks>
/// (1) An application writes · (2) a full and three increments meanwhile · (3) the application is killed, its database damaged ·
/// (4) SQLite finds the damage · (5) restore · (6) proof · (7) an older state, and the whole repository verified.
/// </remarks>
internal sealed class DemoStory(Surroundings surroundings)
{
    private const int Increments = 3;
    private const int CommitsBetween = 150;

    /// <summary>Overwritten in the middle of the file, where the documents are.</summary>
    private const int DamageBytes = 64 * 1024;

    /// <summary>Names within the current directory, as one would type them.</summary>
    private const string Database = "shop.db";
    private const string Older = "older.db";
    private const string Repository = "backups";
    private const string State = "state";

    private static readonly string[] Backup = ["backup", "--database", Database, "--repository", Repository, "--state", State];

    /// <summary>The current directory is empty, and its own.</summary>
    /// <returns>0, or the exit code of the step that failed.</returns>
    public async ValueTask<int> TellAsync(CancellationToken ct)
    {
        var started = surroundings.Time.GetTimestamp();
        try
        {
            // (1)
            await using var writer = DemoWriterProcess.Start(Database);
            await writer.AwaitCommitsAsync(CommitsBetween, ct);
            Say($"An application (process {writer.Id}) writes a few hundred transactions a second to {Database}, in WAL mode.");
            Show($"cd {Environment.CurrentDirectory}");

            // (2)
            await RunAsync("The first backup stores everything, while the application goes on writing.", ct, [.. Backup, "--label", "first"]);
            var committed = 0L;
            for (var i = 0; i < Increments; i++)
            {
                await writer.AwaitCommitsAsync(CommitsBetween, ct);
                committed = writer.Acknowledged;
                await RunAsync(i == 0 ? "The next ones store the pages that changed." : null, ct, Backup);
            }

            await RunAsync("What there is now:", ct, "list", "--repository", Repository);

            // (3)
            await writer.AwaitCommitsAsync(CommitsBetween, ct);
            await writer.KillAsync();
            Say($"The application is killed (SIGKILL). It had committed at least {HumanText.Count(writer.Acknowledged)} transfers.");
            var seek = Damage();
            Show($"dd if=/dev/zero of={Database} bs=4096 seek={seek} count={DamageBytes / 4096} conv=notrunc");

            // (4)
            Say("Its database is overwritten with zeros in the middle, as a failing disk might. SQLite says:");
            Show($"sqlite3 {Database} 'PRAGMA integrity_check(1)'");
            var damage = DemoDatabase.IntegrityOf(Database);
            surroundings.Out.WriteLine(damage);
            Require(damage != "ok", "SQLite did not find the damage.");

            // (5)
            await RunAsync("Restore the newest backup in its place.", ct, "restore", "--repository", Repository, "--output", Database, "--overwrite");

            // (6)
            Prove(committed);

            // (7)
            await RunAsync("An older state goes to another file.", ct, "restore", "--repository", Repository, "--label", "first", "--output", Older);
            Require(DemoDatabase.IsBalanced(Older), "The older state is not whole.");
            surroundings.Out.WriteLine($"It holds {HumanText.Count(DemoDatabase.TransfersIn(Older))} transfers, and its books balance too.");
            await RunAsync("Last, every byte of the repository is read and compared.", ct, "verify", "--repository", Repository, "--level", "data");
        }
        catch (DemoStepException e)
        {
            return e.ExitCode;
        }

        Say($"The demonstration took {HumanText.Duration(surroundings.Time.GetElapsedTime(started))}. The same on your own database:");
        Show("backup-sidecar backup --database /path/to/app.db --repository /path/to/backups");
        return ExitCode.Ok;
    }

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
    private static long Damage()
    {
        using var file = File.OpenHandle(Database, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        var seek = RandomAccess.GetLength(file) / 2 / 4096;
        RandomAccess.Write(file, new byte[DamageBytes], seek * 4096);
        return seek;
    }

    private void Prove(long committed)
    {
        Say("Is it right? Its fingerprint is the one of the moment of the backup, see above. And:");
        Show($"sqlite3 {Database} 'PRAGMA integrity_check(1)'");
        var integrity = DemoDatabase.IntegrityOf(Database);
        surroundings.Out.WriteLine(integrity);
        Require(integrity == "ok", "SQLite finds damage in the restored database.");
        Require(DemoDatabase.IsBalanced(Database), "The restored database is not one committed state.");
        var restored = DemoDatabase.TransfersIn(Database);
        Require(restored >= committed, $"The restored database holds {restored} transfers; {committed} were committed before the newest backup began.");
        surroundings.Out.WriteLine(
            $"It holds {HumanText.Count(restored)} transfers; {HumanText.Count(committed)} had been reported when the newest backup began.");
        surroundings.Out.WriteLine(
            $"Each of {HumanText.Count(DemoDatabase.Accounts)} balances is what the transfers add up to: no half of a transaction is in it.");
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
