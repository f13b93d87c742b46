using System.Diagnostics;
using Xunit;

namespace BackupSidecar.EndToEnd.Cli;

public sealed class CompletionTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sidecar-completion-");

    [Theory]
    [InlineData("backup-sidecar ver", "ver", "verify")]
    [InlineData("backup-sidecar verify --level d", "d", "data drill")]
    [InlineData("/some/path/backup-sidecar restore --o", "--o", "--output --overwrite")]
    public async Task Bash_completes_commands_options_and_values(string line, string word, string expected)
    {
        var script = (await CommandScene.RunAsync("completion", "bash")).ShouldExit(0).Output;
        var start = new ProcessStartInfo("bash", ["-c", $"{script}\nCOMP_LINE=\"$1\" COMP_POINT=${{#1}}\n_backup_sidecar \"$3\" \"$2\"\necho \"${{COMPREPLY[@]}}\"", "bash", line, word, SidecarBinary.Current.Path])
        {
            RedirectStandardOutput = true,
        };
        using var bash = Process.Start(start)!;

        Assert.Equal(expected, (await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim());
    }

    [Theory]
    [InlineData("backup-sidecar ver", "verify")]
    [InlineData("backup-sidecar verify --level d", "data drill")]
    [InlineData("backup-sidecar restore --o", "--output --overwrite")]
    [InlineData("backup-sidecar backup --database fil", "file.db")]
    public async Task Fish_completes_commands_options_values_and_files(string line, string expected)
    {
        var found = await RunAsync("fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", await WriteScriptAsync("fish", "backup-sidecar.fish"), line);

        Assert.Equal(expected.Split(' '), found.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <remarks>A shell at a terminal of its own, where the first key press loads the script by its file name, as it is installed.</remarks>
    [Theory]
    [InlineData("backup-sidecar ver", "backup-sidecar verify ")]
    [InlineData("backup-sidecar verify --level dr", "backup-sidecar verify --level drill ")]
    [InlineData("backup-sidecar restore --outp", "backup-sidecar restore --output ")]
    [InlineData("echo; backup-sidecar lis", "echo; backup-sidecar list ")]
    [InlineData("backup-sidecar backup --database fil", "backup-sidecar backup --database file.db ")]
    public async Task Zsh_completes_commands_options_values_and_files(string line, string expected)
    {
        _ = await WriteScriptAsync("zsh", "_backup-sidecar");
        const string Terminal = """
            zmodload zsh/zpty
            zpty -b shell zsh -f -i
            zpty -w shell 'PS1=; fpath=($PWD $fpath); autoload -U compinit; compinit -u -D; bindkey "^I" complete-word; show() { print "LINE<$BUFFER>END"; BUFFER= }; zle -N show; bindkey "^X" show; print READY$((1))'
            zpty -r -m shell seen '*READY1*'
            zpty -w -n shell "$1"$'\t\x18'
            zpty -r -m shell seen '*LINE<*>END*'
            print -rn -- "${${seen##*LINE<}%%>END*}"
            zpty -d shell
            """;

        Assert.Equal(expected, await RunAsync("zsh", "-f", "-c", Terminal, "zsh", line));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task<string> WriteScriptAsync(string shell, string fileName)
    {
        var path = Path.Join(_directory.FullName, fileName);
        await File.WriteAllTextAsync(path, (await CommandScene.RunAsync("completion", shell)).ShouldExit(0).Output, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Join(_directory.FullName, "file.db"), "", TestContext.Current.CancellationToken);
        return path;
    }

    /// <summary>In a directory of its own, with the program in the path.</summary>
    private async Task<string> RunAsync(string shell, params string[] arguments)
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        Assert.SkipUnless(path.Split(':').Any(directory => File.Exists(Path.Join(directory, shell))), $"{shell} is not installed.");
        var start = new ProcessStartInfo(shell, arguments) { RedirectStandardOutput = true, WorkingDirectory = _directory.FullName };
        start.Environment["PATH"] = $"{Path.GetDirectoryName(SidecarBinary.Current.Path)}:{path}";
        start.Environment["HOME"] = _directory.FullName;
        start.Environment["TERM"] = "dumb";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }
}
