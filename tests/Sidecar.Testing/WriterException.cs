namespace BackupSidecar.Testing;

/// <summary>A command that a <see cref="WriterProcess"/> could not do, with SQLite's extended result code, or 0.</summary>
internal sealed class WriterException(string message, int code) : Exception(message)
{
    public int Code { get; } = code;
}
