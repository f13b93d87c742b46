using BackupSidecar.Capture;

namespace BackupSidecar.Tests.Capture;

/// <summary>A file of the local state whose process is killed, or whose disk is full, after so many writes; the last one may be cut short.</summary>
internal sealed class CutStateFile(string path, int writes, int bytesOfLast) : StateFile(path, FileMode.Open, "opened")
{
    private int _left = writes;

    /// <summary>Writes and changes of length that were asked for.</summary>
    public int Asked { get; private set; }

    public override void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        Asked++;
        if (_left-- > 0)
        {
            base.Write(bytes, offset);
            return;
        }

        if (_left == -1)
        {
            base.Write(bytes[..Math.Min(bytesOfLast, bytes.Length)], offset);
        }

        throw new LocalStateException(Path, "written", new IOException("No space left on device"));
    }

    public override void SetLength(long length)
    {
        Asked++;
        if (_left-- <= 0)
        {
            throw new LocalStateException(Path, "written", new IOException("No space left on device"));
        }

        base.SetLength(length);
    }
}
