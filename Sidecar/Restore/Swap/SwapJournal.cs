using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace BackupSidecar.Restore.Swap;

/// <summary>What a swap intends, as the marker beside the database tells it to whoever comes next.</summary>
/// <remarks>
/// Two lines of UTF-8: this record as JSON, and the XXH3-128 of the first line in hexadecimal, so that a later version with more members can be
/// told from a damaged one. Files are named by name within the directory and by inode: device numbers change when a volume is mounted again.
/// How far the swap came is not written down: the names and inodes say it, and they cannot lag behind.
/// </remarks>
/// <param name="Version">1, or 2 where <see cref="KeepsStaged"/> is set.</param>
/// <param name="RestoreId">Of <see cref="SwapRequest"/>.</param>
/// <param name="StagedName">File name of the new database before the rename.</param>
/// <param name="StagedInode">Inode of the new database.</param>
/// <param name="OldInode">Inode of the database that is to be replaced; 0: there is none.</param>
/// <param name="Note">For people who find the file.</param>
/// <param name="KeepsStaged">See <see cref="SwapRequest.KeepsStaged"/>.</param>
internal sealed record SwapJournal(int Version, string RestoreId, string StagedName, ulong StagedInode, ulong OldInode, string Note, bool KeepsStaged = false)
{
    public const int CurrentVersion = 2;

    /// <summary>Of a journal without <see cref="KeepsStaged"/>. A program that knows only this one must not undo a swap whose new database is to be kept.</summary>
    private const int VersionWithoutKeeping = 1;

    private const int RestoreIdLengthMax = 64;

    private const string NoteText = "A restore was replacing this database. The next backup-sidecar command on it finishes or undoes that; do not remove this file by hand.";

    /// <summary>False: another version of this program wrote it.</summary>
    public bool IsKnown => Version is VersionWithoutKeeping or CurrentVersion;

    public static SwapJournal Of(string restoreId, string stagedName, ulong stagedInode, ulong oldInode, bool keepsStaged = false) =>
        new(keepsStaged ? CurrentVersion : VersionWithoutKeeping, restoreId, stagedName, stagedInode, oldInode, NoteText, keepsStaged);

    public byte[] ToBytes()
    {
        var json = JsonSerializer.Serialize(this, SwapJournalJson.Default.SwapJournal);
        return Encoding.UTF8.GetBytes($"{json}\n{ChecksumOf(json)}\n");
    }

    /// <summary>False for anything that <see cref="ToBytes"/> of some version did not write whole.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out SwapJournal? journal)
    {
        journal = null;
        var lines = Encoding.UTF8.GetString(bytes).Split('\n');
        if (lines.Length != 3 || lines[2].Length != 0 || lines[1] != ChecksumOf(lines[0]))
        {
            return false;
        }

        try
        {
            journal = JsonSerializer.Deserialize(lines[0], SwapJournalJson.Default.SwapJournal);
            return journal is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>True if every name in it is one of the directory of the database and none that the database or SQLite has: the checksum proves no author.</summary>
    public bool NamesOnlyItsOwnFiles(SwapPaths paths) =>
        IsPlain(RestoreId)
        && !string.IsNullOrEmpty(StagedName)
        && StagedName is not ("." or "..")
        && StagedName.IndexOfAny(['/', '\0']) < 0
        && !SwapPaths.SideSuffixes.Select(paths.Side).Append(paths.Database).Append(paths.Marker).Contains(paths.InDirectory(StagedName));

    /// <summary>True if it can be a part of a file name.</summary>
    public static bool IsPlain(string? id) =>
        id is { Length: > 0 and <= RestoreIdLengthMax } && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static string ChecksumOf(string json) => Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(json)));
}
