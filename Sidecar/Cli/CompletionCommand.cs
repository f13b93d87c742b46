using System.CommandLine;

namespace BackupSidecar.Cli;

/// <summary><c>completion</c>: scripts that ask the program itself what could come next, so that they never grow old.</summary>
internal static class CompletionCommand
{
    /// <summary>What the library does not know, such as files, the shell completes itself.</summary>
    private const string Bash = """
        # bash completion of backup-sidecar. For this shell: source <(backup-sidecar completion bash)
        # For all: backup-sidecar completion bash > /etc/bash_completion.d/backup-sidecar
        _backup_sidecar() {
            local line="backup-sidecar ${COMP_LINE#* }" IFS=$'\n'
            local point=$(( COMP_POINT - ${#COMP_LINE} + ${#line} ))
            COMPREPLY=( $(compgen -W "$("$1" "[suggest:${point}]" "${line}" 2>/dev/null)" -- "$2") )
        }
        complete -o bashdefault -o default -F _backup_sidecar backup-sidecar
        """;

    private const string Zsh = """
        #compdef backup-sidecar
        # zsh completion of backup-sidecar: backup-sidecar completion zsh > a directory of $fpath, named _backup-sidecar
        _backup_sidecar() {
            local line="backup-sidecar ${(j: :)words[2,CURRENT-1]} ${PREFIX}"
            local -a found
            found=( ${(f)"$("${words[1]}" "[suggest:${#line}]" "${line}" 2>/dev/null)"} )
            compadd -a found || _files
        }
        compdef _backup_sidecar backup-sidecar
        # The first time the file is loaded as the function of its name, which is asked for an answer.
        [[ ${funcstack[1]} != _backup-sidecar ]] || _backup_sidecar
        """;

    private const string Fish = """
        # fish completion of backup-sidecar: backup-sidecar completion fish > ~/.config/fish/completions/backup-sidecar.fish
        function __backup_sidecar_complete
            set -l line "backup-sidecar "(string replace -r '^\S+\s*' '' -- (commandline -cp))
            backup-sidecar "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c backup-sidecar -a '(__backup_sidecar_complete)'
        """;

    public static Command Create(Surroundings surroundings)
    {
        var command = new Command("completion", "Print a script that completes command lines in a shell.");
        foreach (var (shell, script) in ((string, string)[])[("bash", Bash), ("zsh", Zsh), ("fish", Fish)])
        {
            var child = new Command(shell, $"For {shell}; its first lines say where it goes.");
            child.SetAction(_ =>
            {
                surroundings.Out.WriteLine(script);
                return ExitCode.Ok;
            });
            command.Add(child);
        }

        return command;
    }
}
