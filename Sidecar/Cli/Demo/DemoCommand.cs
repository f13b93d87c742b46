using System.CommandLine;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli.Demo;

/// <summary><c>demo</c>: backups of a database that is being written, damage, restore, proof.</summary>
internal static class DemoCommand
{
    public static Command Create(CommandExecution execution)
    {
        var keep = new Option<bool>("--keep") { Description = "Keep the scratch directory, to look around in it." };
        var command = new Command("demo", "Show it all on a scratch database: backups while it is written, damage, restore, proof.") { keep };
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json: null, mayAbandon: false, async (_, ct) =>
        {
            var scratch = CreateScratch();
            var before = Environment.CurrentDirectory;
            Environment.CurrentDirectory = scratch.FullName;
            var isKept = parsed.GetValue(keep);
            try
            {
                var exitCode = await new DemoStory(execution.Surroundings).TellAsync(ct);
                isKept |= exitCode != ExitCode.Ok;
                return exitCode;
            }
            catch (OperatorException)
            {
                isKept = true;
                throw;
            }
            finally
            {
                Environment.CurrentDirectory = before;
                if (isKept)
                {
                    execution.Surroundings.Out.WriteLine($"Everything is kept in {scratch.FullName}.");
                }
                else
                {
                    scratch.Delete(recursive: true);
                }
            }
        }));
        return command;
    }

    private static DirectoryInfo CreateScratch()
    {
        try
        {
            return Directory.CreateTempSubdirectory("backup-sidecar-demo-");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var directory = Path.GetTempPath();
            throw new OperatorException(
                FailureKind.Failed,
                $"The demonstration cannot make its scratch directory in {directory}: {(Directory.Exists(directory) ? e.Message : "it does not exist.")}",
                "Name a directory with TMPDIR that exists, that this user may write to, and that has 100 MB free.",
                e);
        }
    }
}
