using BackupSidecar.Primitives;
using BackupSidecar.Store;
using BackupSidecar.Store.FileSystem;

namespace BackupSidecar.Hosting.Service;

/// <summary>One serve for each state directory: a lock that ends with its process.</summary>
internal static class StateOwnership
{
    private const string FileName = "serve.lock";

    /// <param name="stateDirectory">It exists.</param>
    /// <exception cref="OperatorException">Another serve uses it.</exception>
    public static FileSystemLock Take(string stateDirectory)
    {
        try
        {
            return FileSystemLock.Take(Path.Join(stateDirectory, FileName), $"process {Environment.ProcessId}", stateDirectory, new FileSystemErrors(stateDirectory));
        }
        catch (StoreLockedException e)
        {
            throw new OperatorException(
                FailureKind.Locked,
                $"serve already runs with the state directory {stateDirectory}: {e.Holder}.",
                "'backup-sidecar status' shows how it is getting on. Give each serve a state directory of its own (--state).",
                e);
        }
    }
}
