namespace BackupSidecar.DriveEmulator;

/// <summary>One emulator at a time has a data directory. The system gives the lock back when its holder dies.</summary>
internal sealed class DataLock : IDisposable
{
    private readonly FileStream _file;

    private DataLock(FileStream file) => _file = file;

    /// <exception cref="IOException">Another emulator has it, or the directory cannot be written.</exception>
    public static DataLock Take(string directory)
    {
        try
        {
            return new DataLock(new FileStream(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException error)
        {
            throw new IOException($"The data directory {directory} is in use by another emulator, or cannot be written: {error.Message}", error);
        }
    }

    public void Dispose() => _file.Dispose();
}
