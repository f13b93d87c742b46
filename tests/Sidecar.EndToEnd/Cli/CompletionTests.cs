using System.Diagnostics;
using Xunit;

namespace BackupSidecar.EndToEnd.Cli;

public sealed class CompletionTests
{
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
    [InlineData("zsh", "#compdef backup-sidecar")]
    [InlineData("fish", "complete -c backup-sidecar")]
    public async Task The_other_shells_have_a_script_too(string shell, string part) =>
        Assert.Contains(part, (await CommandScene.RunAsync("completion", shell)).ShouldExit(0).Output, StringComparison.Ordinal);
}
