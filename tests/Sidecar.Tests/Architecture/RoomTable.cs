namespace BackupSidecar.Tests.Architecture;

/// <summary>Who may name whom: the table of the conventions. Changing it is a design decision, made in a commit of its own.</summary>
/// <remarks>
/// A room is a folder directly under Sidecar/ and the namespace <c>BackupSidecar.Room</c>. Every room may name itself and Primitives.
/// Rows may stand here before their room exists; a room without a row fails. WebConsole and Client are projects of their own:
/// what they may name is what their project files reference.
/// </remarks>
internal static class RoomTable
{
    public const string RootNamespace = "BackupSidecar";

    /// <summary>The room that every other one may name.</summary>
    public const string Primitives = "Primitives";

    /// <summary>The files directly under Sidecar/: Program.cs.</summary>
    public const string Entrance = "";

    private static readonly string[] Runs = ["Backup", "Restore", "Verify", "Compaction", "Following", "Sync"];

    private static readonly Dictionary<string, string[]> Rows = new(StringComparer.Ordinal)
    {
        [Primitives] = [],
        ["Source"] = [],
        ["Pack"] = [],
        ["Store"] = [],
        ["Policies"] = [],
        ["Ledger"] = [],
        ["Audit"] = [],
        ["Monitoring"] = [],
        ["Notifications"] = [],
        ["Capture"] = ["Source"],
        ["Repository"] = ["Store"],
        ["Chain"] = ["Pack", "Repository"],
        ["Backup"] = ["Source", "Capture", "Pack", "Repository", "Chain"],
        ["Restore"] = ["Source", "Pack", "Repository", "Chain"],
        ["Following"] = ["Source", "Capture", "Pack", "Repository", "Backup", "Ledger"],
        ["Sync"] = ["Pack", "Repository", "Chain", "Policies", "Compaction"],
        ["Verify"] = ["Pack", "Repository", "Chain", "Restore"],
        ["Compaction"] = ["Pack", "Repository", "Chain", "Policies"],
        ["Lifecycle"] = ["Restore", "Source", "Repository", "Ledger"],
        ["Scheduling"] = ["Policies"],
        ["Api"] = [.. Runs, "Lifecycle", "Repository", "Policies", "Scheduling", "Ledger", "Monitoring", "Contracts"],
        [Entrance] = ["Cli", "Hosting"],
    };

    /// <summary>The generated contract: an assembly of its own, named like a room.</summary>
    private static readonly string[] OutsideRooms = ["Contracts"];

    public static bool HasRow(string room) => room is "Cli" or "Hosting" || Rows.ContainsKey(room);

    /// <summary>True if code of <paramref name="room"/> may name something of <paramref name="named"/>. A room without a row may name nothing.</summary>
    public static bool MayName(string room, string named)
    {
        if (named == room || named == Primitives)
        {
            return true;
        }

        if (named == Entrance || !(HasRow(named) || OutsideRooms.Contains(named)))
        {
            return false;
        }

        return room switch
        {
            "Cli" => true,
            "Hosting" => named != "Cli",
            _ => Rows.TryGetValue(room, out var row) && row.Contains(named),
        };
    }

    /// <summary>The room of a namespace, or null if it is none of ours.</summary>
    public static string? RoomOf(string namespaceName)
    {
        if (namespaceName == RootNamespace)
        {
            return Entrance;
        }

        return namespaceName.StartsWith(RootNamespace + ".", StringComparison.Ordinal) ? namespaceName.Split('.')[1] : null;
    }
}
