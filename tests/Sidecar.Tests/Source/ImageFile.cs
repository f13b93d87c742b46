using BackupSidecar.Source;

namespace BackupSidecar.Tests.Source;

/// <summary>Writes an image out as the database file that it is, as far as told and then to the end.</summary>
internal sealed class ImageFile : IDisposable
{
    private const int RunSizeBytes = 1 << 18;

    private readonly IDatabaseImage _image;
    private readonly FileStream _file;
    private readonly byte[] _buffer = new byte[RunSizeBytes];
    private uint _next = 1;

    public ImageFile(IDatabaseImage image, string path)
    {
        _image = image;
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        _file.SetLength(image.Facts.Shape.Bytes);
    }

    public void WriteTo(uint lastPage)
    {
        var shape = _image.Facts.Shape;
        while (_next <= lastPage)
        {
            var count = Math.Min((uint)(RunSizeBytes / shape.PageSizeBytes), lastPage - _next + 1);
            var run = _buffer.AsSpan(0, (int)count * shape.PageSizeBytes);
            _image.ReadPages(_next, run);
            if (run.ContainsAnyExcept((byte)0))
            {
                _file.Position = shape.OffsetOf(_next);
                _file.Write(run);
            }

            _next += count;
        }
    }

    /// <summary>Writes the rest and checks that the image stood still.</summary>
    public void Finish()
    {
        WriteTo(_image.Facts.Shape.PageCount);
        _image.EnsureUnchanged();
    }

    public void Dispose() => _file.Dispose();
}
