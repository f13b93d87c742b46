using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using BackupSidecar.Primitives;

namespace BackupSidecar.Lifecycle;

/// <summary>The file that remembers the restores of a source over restarts: <c>restores/NAME.json</c> in the state directory.</summary>
/// <remarks>
/// Two lines of UTF-8, as the marker of a swap: the record as JSON, and the XXH3-128 of the first line. It is replaced whole, and each state is on the disk
/// before what it announces is done. Where state and files disagree after a crash, the files are right: see <see cref="SourceLifecycle"/>.
/// </remarks>
internal sealed class RestoreJournal(string directory, string source)
{
    /// <summary>Ten restores with their warnings are far below.</summary>
    private const int SizeMax = 1 << 20;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerDirectory = OwnerOnly | UnixFileMode.UserExecute;

    private readonly string _path = System.IO.Path.Join(directory, $"{source}.json");

    public string Path => _path;

    /// <exception cref="OperatorException">It is damaged, or of a newer program, or cannot be read.</exception>
    public SourceRestores Read()
    {
        try
        {
            if (!File.Exists(_path))
            {
                return SourceRestores.NoneOf(source);
            }

            return new FileInfo(_path).Length <= SizeMax && TryParse(File.ReadAllText(_path), out var restores) ? restores! : throw Damaged();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed("read", e);
        }
    }

    /// <summary>Returns when it survives a power loss.</summary>
    public void Write(SourceRestores restores)
    {
        var json = JsonSerializer.Serialize(restores, SourceRestoresJson.Default.SourceRestores);
        var temporary = _path + ".tmp";
        try
        {
            _ = Directory.CreateDirectory(directory, OwnerDirectory);
            using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                File.SetUnixFileMode(file, OwnerOnly);
                RandomAccess.Write(file, Encoding.UTF8.GetBytes($"{json}\n{ChecksumOf(json)}\n"), fileOffset: 0);
                RandomAccess.FlushToDisk(file);
            }

            File.Move(temporary, _path, overwrite: true);
            Restore.Swap.FileNames.SyncDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed("write", e);
        }
    }

    private bool TryParse(string text, out SourceRestores? restores)
    {
        restores = null;
        var lines = text.Split('\n');
        if (lines.Length != 3 || lines[2].Length != 0 || lines[1] != ChecksumOf(lines[0]))
        {
            return false;
        }

        try
        {
            restores = JsonSerializer.Deserialize(lines[0], SourceRestoresJson.Default.SourceRestores);
        }
        catch (JsonException)
        {
            return false;
        }

        return restores is { Version: SourceRestores.CurrentVersion }
            && restores.Source == source
            && restores.Restores.All(restore => restore.IsSound)
            && restores.Restores.Skip(1).All(restore => restore.HasEnded);
    }

    private OperatorException Damaged() => new(
        FailureKind.UnsafeEnvironment,
        $"'{_path}' should tell which restores of source '{source}' there were, but it is damaged or of another version of this program.",
        "Nothing was changed. If no restore of the source is under way (no file named '….restoring-…' beside the database, and the right database in place), move it away; otherwise bring it back from a backup, or run the version that wrote it.");

    private OperatorException Failed(string verb, Exception e) => new(
        FailureKind.Failed, $"Cannot {verb} '{_path}', which remembers the restores of source '{source}': {e.Message}", "Check the free space and the permissions of the state directory.", e);

    private static string ChecksumOf(string json) => Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(json)));
}
