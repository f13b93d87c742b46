using BackupSidecar.Primitives;
using BackupSidecar.Store.FileSystem;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>A file in the spool that is sent when it is published.</summary>
internal sealed class DriveStagedObject(ObjectName name, string path, SafeFileHandle file, string directory, FileSystemErrors errors, DriveUploads uploads) : IStagedObject
{
    private readonly StagedFileStream _content = new(file, name.ToString(), errors);
    private bool _publishing;
    private bool _closed;

    public Stream Content => _content;

    public async ValueTask PublishAsync(CancellationToken ct)
    {
        if (_publishing || _closed || !_content.CanWrite)
        {
            throw new InvalidOperationException($"'{name}' was published or closed before; an object is published once.");
        }

        ct.ThrowIfCancellationRequested();
        _publishing = true;

        // The handle is this object's, and stays open until it is disposed.
        var stored = new FileSystemStoredObject(name, file, _content.Position, directory, errors);
        await uploads.PutAsync(name, stored, ct);
    }

    public ValueTask DisposeAsync()
    {
        if (!_closed)
        {
            _closed = true;
            _ = LibC.Unlink(path);
            _content.Dispose();
        }

        return ValueTask.CompletedTask;
    }
}
