using System.Text;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Store.FileSystem;

/// <summary>The writer's lock: flock(2) on a file whose text names the holder. The kernel releases it when the process is gone.</summary>
internal sealed class FileSystemLock : IAsyncDisposable
{
    private const int HolderLengthMax = 200;

    private readonly SafeFileHandle _file;
    private readonly string _path;

    private FileSystemLock(SafeFileHandle file, string path)
    {
        _file = file;
        _path = path;
    }

    public bool IsReleased => _file.IsClosed;

    /// <summary>False if the file was removed or replaced, so that somebody else may hold a lock under its name. True again when it is back.</summary>
    public bool IsInPlace => LibC.Identify(_path) is { } named && named == LibC.Identify(_file);

    public static FileSystemLock Take(string path, string holder, string location, FileSystemErrors errors)
    {
        var error = LibC.Open(path, LibC.OpenReadWrite | LibC.OpenCreate, out var file);
        error = error == 0 ? LibC.TryLock(file) : error;
        try
        {
            if (error == Errno.WouldBlock)
            {
                throw new StoreLockedException(location, ReadHolder(file));
            }

            if (error != 0)
            {
                throw errors.Of(error, "lock", path);
            }

            WriteHolder(file, holder);
            return new FileSystemLock(file, path);
        }
        catch (Exception e) when (FileSystemErrors.IsFileError(e))
        {
            file.Dispose();
            throw errors.Of(e, "write", path);
        }
        catch (StoreException)
        {
            file.Dispose();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        if (_file.IsClosed)
        {
            return ValueTask.CompletedTask;
        }

        try
        {
            // So that a reader in the moment between a lock and its text does not name the holder before.
            RandomAccess.SetLength(_file, 0);
        }
        catch (Exception e) when (FileSystemErrors.IsFileError(e))
        {
            // The text is only for messages; the lock below is what matters.
        }
        finally
        {
            // An error changes nothing: then closing must do.
            _ = LibC.Unlock(_file);
            _file.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private static void WriteHolder(SafeFileHandle file, string holder)
    {
        RandomAccess.SetLength(file, 0);
        RandomAccess.Write(file, Encoding.UTF8.GetBytes(OneLine(holder) + "\n"), 0);
    }

    private static string ReadHolder(SafeFileHandle file)
    {
        var bytes = new byte[4 * HolderLengthMax];
        var read = RandomAccess.Read(file, bytes, 0);
        var text = OneLine(Encoding.UTF8.GetString(bytes, 0, read).Trim());
        return text.Length == 0 ? "it has not said who it is" : text;
    }

    private static string OneLine(string text)
    {
        var line = string.Create(Math.Min(text.Length, HolderLengthMax), text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        });
        return line.Trim();
    }
}
