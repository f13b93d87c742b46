using System.CommandLine;

namespace BackupSidecar.Cli;

/// <summary><c>repository</c>: repositories beside the local one.</summary>
internal static class RepositoryCommand
{
    public static Command Create(CommandExecution execution) => new("repository", "Add, list, check, copy, take over and repair repositories.")
    {
        RepositoryAddCommand.Create(execution), RepositoryListCommand.Create(execution), RepositoryCheckCommand.Create(execution), RepositoryCopyCommand.Create(execution), RepositoryTakeOverCommand.Create(execution),
        RepositoryRepairSourceCommand.Create(execution),
    };
}
