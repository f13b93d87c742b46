using System.Security.Cryptography;
using BackupSidecar.Primitives;
using BackupSidecar.Store.FileSystem;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>Where staged objects lie until they are sent: files of the state directory, each locked while its process lives, so that a sweep knows what a dead one left.</summary>
internal sealed class DriveSpool(string directory)
{
    private readonly FileSystemErrors _errors = new(directory);

    public DriveStagedObject Stage(ObjectName name, DriveUploads uploads)
    {
        PrivateFile.CreateDirectory(directory);
        var path = Path.Join(directory, RandomNumberGenerator.GetHexString(32, lowercase: true));
        var error = LibC.Open(path, LibC.OpenReadWrite | LibC.OpenCreate | LibC.OpenExclusive, out var file);
        _ = error == 0 ? LibC.TryLock(file) : 0;
        if (error != 0)
        {
            file.Dispose();
            throw _errors.Of(error, "write", name.ToString());
        }

        return new DriveStagedObject(name, path, file, directory, _errors, uploads);
    }

    /// <summary>What cannot be removed costs space and nothing else; the next sweep tries again.</summary>
    public void Sweep()
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        foreach (var path in Directory.EnumerateFiles(directory))
        {
            var error = LibC.Open(path, LibC.OpenReadOnly | LibC.OpenNonBlocking, out var file);
            using (file)
            {
                if (error == 0 && LibC.TryLock(file) == 0)
                {
                    _ = LibC.Unlink(path);
                }
            }
        }
    }
}
