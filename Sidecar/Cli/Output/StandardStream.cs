using System.Text;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Cli.Output;

/// <summary>Standard output or standard error, whose failure is not taken for one of the work.</summary>
/// <param name="inner">The stream of the process.</param>
/// <param name="mayLose">True for standard error: there is nobody left to be told.</param>
internal sealed class StandardStream(Stream inner, bool mayLose) : Stream
{
    private const int LastStandardDescriptor = 2;

    private static readonly List<SafeFileHandle> Occupied = [];

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static TextWriter Out() => Writer(Console.OpenStandardOutput(), mayLose: false);

    public static TextWriter Error() => Writer(Console.OpenStandardError(), mayLose: true);

    /// <summary>Called before any file is opened: one that got the number of a closed standard stream would receive what is printed, a pack or a database too.</summary>
    public static void OccupyClosedDescriptors()
    {
        while (true)
        {
            // The system gives the lowest number that is free.
            var handle = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            if (handle.DangerousGetHandle() > LastStandardDescriptor)
            {
                handle.Dispose();
                return;
            }

            Occupied.Add(handle);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            inner.Write(buffer);
        }
        catch (IOException) when (mayLose)
        {
            // Nobody hears it.
        }
        catch (IOException e)
        {
            throw new OutputLostException(e);
        }
    }

    public override void Flush()
    {
        // Nothing is buffered here.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static TextWriter Writer(Stream stream, bool mayLose) =>
        TextWriter.Synchronized(new StreamWriter(new StandardStream(stream, mayLose), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true });
}
