using System.Globalization;
using System.Text.Json.Nodes;

namespace BackupSidecar.Writer;

/// <summary>Which of SQLite's locks other processes hold on a database and its <c>-shm</c>.</summary>
/// <remarks>
/// <c>F_GETLK</c> names one holder per range, and so hides the second reader behind the first; <c>/proc/locks</c> names them all, but a
/// container may not show it. The answer is what both say. Opening and closing the files drops the locks that *this* process has on
/// them: a process that reads this table has no business with SQLite.
/// </remarks>
internal static class LockTable
{
    // Offsets from os.h and wal.c of SQLite: fixed for good, since they are a contract between processes.
    private static readonly (string Name, long Start, long Length)[] DatabaseRanges =
    [
        ("PENDING", 0x40000000, 1),
        ("RESERVED", 0x40000001, 1),
        ("SHARED", 0x40000002, 510),
    ];

    private static readonly (string Name, long Start, long Length)[] SharedMemoryRanges =
    [
        ("WRITE", 120, 1),
        ("CHECKPOINT", 121, 1),
        ("RECOVER", 122, 1),
        ("READ0", 123, 1),
        ("READ1", 124, 1),
        ("READ2", 125, 1),
        ("READ3", 126, 1),
        ("READ4", 127, 1),
        ("DMS", 128, 1),
    ];

    /// <summary>Objects of name, type (read or write) and pid, in the order of the locks' places.</summary>
    public static JsonArray Read(string path) =>
        [.. HeldOn(path, DatabaseRanges), .. HeldOn(path + "-shm", SharedMemoryRanges)];

    private static IEnumerable<JsonObject> HeldOn(string path, (string Name, long Start, long Length)[] ranges)
    {
        using var file = TryOpen(path);
        if (file is null)
        {
            return [];
        }

        var system = SystemLocksOn(Libc.StatusOf(file).Inode);
        return [.. ranges.SelectMany(range => Holders(file, range, system)).Distinct().Select(Describe)];
    }

    /// <summary>Null if there is no file, or an application that leaves has just removed it.</summary>
    private static Microsoft.Win32.SafeHandles.SafeFileHandle? TryOpen(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static IEnumerable<(string Name, string Type, int ProcessId)> Holders(
        Microsoft.Win32.SafeHandles.SafeFileHandle file, (string Name, long Start, long Length) range, List<Libc.FileLock> system)
    {
        var first = Libc.FirstConflict(file, range.Start, range.Length);
        if (first.Type != Libc.Unlocked)
        {
            yield return (range.Name, TypeName(first.Type), first.ProcessId);
        }

        foreach (var held in system.Where(held => held.Start < range.Start + range.Length && held.Length > range.Start))
        {
            yield return (range.Name, TypeName(held.Type), held.ProcessId);
        }
    }

    /// <summary>Here <c>Length</c> is the offset after the last locked byte.</summary>
    private static List<Libc.FileLock> SystemLocksOn(ulong inode)
    {
        List<Libc.FileLock> locks = [];
        foreach (var line in File.Exists("/proc/locks") ? File.ReadAllLines("/proc/locks") : [])
        {
            // "1: POSIX  ADVISORY  READ  1234 fd:01:5678 1073741826 1073742335"; a waiting one has "->" after its number.
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is [_, "POSIX", _, var type, var pid, var place, var start, var end] && place.EndsWith($":{inode}", StringComparison.Ordinal))
            {
                locks.Add(new Libc.FileLock
                {
                    Type = type == "READ" ? Libc.ReadLock : Libc.WriteLock,
                    Start = long.Parse(start, CultureInfo.InvariantCulture),
                    Length = end == "EOF" ? long.MaxValue : long.Parse(end, CultureInfo.InvariantCulture) + 1,
                    ProcessId = int.Parse(pid, CultureInfo.InvariantCulture),
                });
            }
        }

        return locks;
    }

    private static JsonObject Describe((string Name, string Type, int ProcessId) held) =>
        new() { ["name"] = held.Name, ["type"] = held.Type, ["pid"] = held.ProcessId };

    private static string TypeName(short type) => type == Libc.ReadLock ? "read" : "write";
}
