using System.Text.Json.Nodes;

namespace BackupSidecar.Testing;

/// <summary>One of SQLite's locks on a database (PENDING, RESERVED, SHARED) or its <c>-shm</c> (WRITE, CHECKPOINT, RECOVER, READ0 to READ4, DMS).</summary>
internal readonly record struct HeldLock(string Name, bool ForWriting, int ProcessId)
{
    public static HeldLock Read(JsonObject held) =>
        new(held["name"]!.GetValue<string>(), held["type"]!.GetValue<string>() == "write", held["pid"]!.GetValue<int>());
}
