using System.CommandLine;
using System.Runtime.CompilerServices;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli;

/// <summary><c>install</c>: the program copies itself, since an image without a shell has nothing else to do it with.</summary>
internal static class InstallCommand
{
    private const UnixFileMode Mode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public static Command Create(CommandExecution execution)
    {
        var directory = new Argument<string>("DIR") { Description = "Where it goes; made if it does not exist.", Arity = ArgumentArity.ExactlyOne };
        var json = CommonOptions.Json();
        var command = new Command("install", "Copy this program and its libraries to a directory, such as a volume that an app's container mounts to start the app by 'run'.") { directory, json };
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: false, (output, ct) =>
        {
            var target = Path.GetFullPath(parsed.GetRequiredValue(directory));
            var files = Copy(target, ct);
            output.Summarize(new InstallSummary(target, files, ExitCode.Ok), CliJson.Default.InstallSummary, writer => writer.WriteLine($"Copied {string.Join(", ", files)} to {target}."));
            return ValueTask.FromResult(ExitCode.Ok);
        }));
        return command;
    }

    /// <summary>Each file appears whole; the program last, so that whoever finds it finds its libraries.</summary>
    private static List<string> Copy(string target, CancellationToken ct)
    {
        if (RuntimeFeature.IsDynamicCodeSupported || Environment.ProcessPath is not { } program)
        {
            throw new OperatorException(FailureKind.Failed, "This program is not the native one: it cannot be copied without the .NET runtime.", "Use the published program, or the image: 'dotnet publish Sidecar -c Release -r linux-x64'.");
        }

        try
        {
            _ = Directory.CreateDirectory(target);
            List<string> files = [.. Directory.EnumerateFiles(AppContext.BaseDirectory, "*.so").Order(StringComparer.Ordinal), program];
            foreach (var file in files)
            {
                ct.ThrowIfCancellationRequested();
                var name = Path.GetFileName(file);
                var unfinished = Path.Join(target, $".{name}.{Guid.NewGuid():N}");
                try
                {
                    File.Copy(file, unfinished);
                    File.SetUnixFileMode(unfinished, Mode);
                    File.Move(unfinished, Path.Join(target, name), overwrite: true);
                }
                finally
                {
                    File.Delete(unfinished);
                }
            }

            return [.. files.Select(file => Path.GetFileName(file))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException(FailureKind.Failed, $"The program could not be copied to {target}: {e.Message}", "Name a directory that this user may write to, with 60 MB free.", e);
        }
    }
}
