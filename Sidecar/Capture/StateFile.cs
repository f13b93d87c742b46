using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Capture;

/// <summary>A file of the local state, read and written by offset; what the file system refuses becomes a <see cref="LocalStateException"/>.</summary>
/// <remarks>Never mapped: a mapped file kills the process when the disk is full. Not sealed, so that a test can end it between two writes.</remarks>
internal class StateFile : IDisposable
{
    private readonly SafeFileHandle _file;

    protected StateFile(string path, FileMode mode, string step)
    {
        Path = path;
        _file = Guarded(step, () => File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
    }

    public string Path { get; }

    public long Length => Guarded("read", () => RandomAccess.GetLength(_file));

    /// <summary>Opens a file that exists.</summary>
    public static StateFile Open(string path) => new(path, FileMode.Open, "opened");

    /// <summary>Creates a file, or empties the one that is there.</summary>
    public static StateFile Create(string path) => new(path, FileMode.Create, "created");

    /// <summary>Fills the whole buffer.</summary>
    public void Read(Span<byte> destination, long offset)
    {
        try
        {
            while (destination.Length > 0)
            {
                var read = RandomAccess.Read(_file, destination, offset);
                if (read == 0)
                {
                    throw new IOException("it ended early");
                }

                destination = destination[read..];
                offset += read;
            }
        }
        catch (Exception e) when (LocalStateException.IsFileError(e))
        {
            throw new LocalStateException(Path, "read", e);
        }
    }

    public virtual void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(_file, bytes, offset);
        }
        catch (Exception e) when (LocalStateException.IsFileError(e))
        {
            throw new LocalStateException(Path, "written", e);
        }
    }

    public virtual void SetLength(long length)
    {
        try
        {
            RandomAccess.SetLength(_file, length);
        }
        catch (Exception e) when (LocalStateException.IsFileError(e))
        {
            throw new LocalStateException(Path, "written", e);
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        GC.SuppressFinalize(this);
    }

    private T Guarded<T>(string step, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (LocalStateException.IsFileError(e))
        {
            throw new LocalStateException(Path, step, e);
        }
    }
}
