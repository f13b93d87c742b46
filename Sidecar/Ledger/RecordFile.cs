using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BackupSidecar.Primitives;

namespace BackupSidecar.Ledger;

/// <summary>A small record in a file of the state directory that is replaced whole.</summary>
/// <remarks>Two lines of UTF-8: the record as JSON, and the XXH3-128 of the first line.</remarks>
/// <param name="path">Its directory is made when it is written.</param>
/// <param name="what">What it is, for messages, such as "which sources are paused".</param>
/// <param name="type">Of the record.</param>
/// <param name="syncDirectory">Makes the name of the file survive a power loss; null: that is not needed.</param>
internal sealed class RecordFile<T>(string path, string what, JsonTypeInfo<T> type, Action<string>? syncDirectory)
    where T : class
{
    /// <summary>Bytes; records are far below.</summary>
    private const int SizeMax = 16 << 20;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerDirectory = OwnerOnly | UnixFileMode.UserExecute;

    public string Path { get; } = path;

    /// <returns>Null: there is none.</returns>
    /// <exception cref="OperatorException">It is damaged, or cannot be read.</exception>
    public T? Read()
    {
        try
        {
            return !File.Exists(Path) ? null : new FileInfo(Path).Length <= SizeMax && Parse(File.ReadAllText(Path)) is { } record ? record : throw Damaged();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed("read", e);
        }
    }

    /// <summary>Returns when it survives a power loss, where a directory is synced.</summary>
    /// <exception cref="OperatorException">It cannot be written; the one from before is whole.</exception>
    public void Write(T record)
    {
        var json = JsonSerializer.Serialize(record, type);
        if (json.Length > SizeMax / 2)
        {
            throw new OperatorException(FailureKind.Failed, $"'{Path}', which remembers {what}, would become larger than a reader reads.", "This is a mistake in this program, please report it.");
        }

        var directory = System.IO.Path.GetDirectoryName(Path)!;
        var temporary = Path + ".tmp";
        try
        {
            _ = Directory.CreateDirectory(directory, OwnerDirectory);
            using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                File.SetUnixFileMode(file, OwnerOnly);
                RandomAccess.Write(file, Encoding.UTF8.GetBytes($"{json}\n{ChecksumOf(json)}\n"), fileOffset: 0);
                RandomAccess.FlushToDisk(file);
            }

            File.Move(temporary, Path, overwrite: true);
            syncDirectory?.Invoke(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed("write", e);
        }
    }

    private T? Parse(string text)
    {
        var lines = text.Split('\n');
        if (lines.Length != 3 || lines[2].Length != 0 || lines[1] != ChecksumOf(lines[0]))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(lines[0], type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string ChecksumOf(string json) => Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(json)));

    private OperatorException Damaged() => new(
        FailureKind.UnsafeEnvironment, $"'{Path}', which remembers {what}, is damaged or of another version of this program.", "Bring it back from a copy, run the version that wrote it, or move it away.");

    private OperatorException Failed(string verb, Exception e) => new(
        FailureKind.Failed, $"Cannot {verb} '{Path}', which remembers {what}: {e.Message}", "Check the free space and the permissions of the state directory.", e);
}
