using BackupSidecar.Capture;

namespace BackupSidecar.Backup;

/// <summary>A temporary file of the local state that is gone with its handle, also after a kill: it has no name while it is used. Unbuffered.</summary>
internal sealed class SpoolFile : FileStream
{
    private readonly string _path;

    private SpoolFile(string path)
        : base(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0) => _path = path;

    /// <exception cref="LocalStateException">As of reading and writing: no space, no permission, a failing disk.</exception>
    public static SpoolFile Create(string path)
    {
        try
        {
            var file = new SpoolFile(path);
            File.Delete(path);
            return file;
        }
        catch (Exception e) when (LocalStateException.IsFileError(e))
        {
            throw new LocalStateException(path, "created", e);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await base.WriteAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (LocalStateException.IsFileError(e))
        {
            throw new LocalStateException(_path, "written", e);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (LocalStateException.IsFileError(e))
        {
            throw new LocalStateException(_path, "read", e);
        }
    }
}
