using System.Runtime.InteropServices;

namespace BackupSidecar.Restore.Swap;

/// <summary>Changes to the names in a directory. None is durable before <see cref="SyncDirectory"/>.</summary>
internal static class FileNames
{
    public static void Link(string from, string to)
    {
        if (Posix.Link(from, to) != 0)
        {
            throw SwapFailure.OfLastCall($"Cannot hard-link '{from}' as", to);
        }
    }

    /// <summary>Removes a name. A name that is not there is no failure.</summary>
    public static void Remove(string path)
    {
        if (Posix.Unlink(path) != 0 && Marshal.GetLastPInvokeError() is var error && error != Posix.ErrorNoEntry)
        {
            throw SwapFailure.OfSystem("Cannot remove the file", path, error);
        }
    }

    public static void RenameOver(string from, string to)
    {
        if (Posix.Rename(from, to) != 0)
        {
            throw SwapFailure.OfLastCall($"Cannot rename '{from}' to", to);
        }
    }

    /// <summary>Swaps two names in one step.</summary>
    public static void Exchange(string first, string second)
    {
        if (Posix.RenameAt2(Posix.AtCurrentDirectory, first, Posix.AtCurrentDirectory, second, Posix.RenameExchange) != 0)
        {
            throw SwapFailure.OfLastCall($"Cannot exchange '{first}' with", second);
        }
    }

    /// <summary>Renames, unless the new name exists: then it returns false and nothing has changed.</summary>
    /// <remarks>
    /// A file system without the flag gets a hard link and an unlink instead. A crash between the two leaves both names on one file.
    /// </remarks>
    public static bool TryRenameToNew(string from, string to)
    {
        if (Posix.RenameAt2(Posix.AtCurrentDirectory, from, Posix.AtCurrentDirectory, to, Posix.RenameNoReplace) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        if (error is Posix.ErrorInvalid or Posix.ErrorNotImplemented or Posix.ErrorNotSupported)
        {
            error = Posix.Link(from, to) == 0 ? 0 : Marshal.GetLastPInvokeError();
            if (error == 0)
            {
                Remove(from);
                return true;
            }
        }

        return error == Posix.ErrorExists ? false : throw SwapFailure.OfSystem($"Cannot rename '{from}' to", to, error);
    }

    /// <summary>Makes the names of a directory survive a power loss, where the file system can be asked to.</summary>
    public static void SyncDirectory(string directory)
    {
        using var handle = Posix.OpenHandle(directory, Posix.OpenReadOnly, mode: 0);
        if (handle.IsInvalid)
        {
            throw SwapFailure.OfLastCall("Cannot open the directory", directory);
        }

        // Some network and FUSE file systems cannot sync a directory and say so; they order names by themselves.
        if (Posix.Fsync(handle) != 0 && Marshal.GetLastPInvokeError() is var error && error is not (Posix.ErrorInvalid or Posix.ErrorNotSupported))
        {
            throw SwapFailure.OfSystem("Cannot sync the directory", directory, error);
        }
    }
}
