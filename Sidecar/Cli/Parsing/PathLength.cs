using System.CommandLine.Parsing;
using System.Text;

namespace BackupSidecar.Cli.Parsing;

/// <summary>How long a path may be, so that it and every name beside or below it can exist.</summary>
/// <param name="NameMax">Bytes of UTF-8 of the last name.</param>
/// <param name="PathMax">Bytes of the whole, as it is from the root.</param>
/// <param name="Reason">Why not more, after "since".</param>
internal sealed record PathLength(int NameMax, int PathMax, string Reason)
{
    /// <summary>Of Linux and of its usual file systems.</summary>
    private const int SystemNameMax = 255;
    private const int SystemPathMax = 4095;

    /// <summary>SQLite opens no path beyond 512 bytes with the "-journal" that it adds (MAX_PATHNAME of its os_unix.c).</summary>
    private const int SqlitePathMax = 504;
    private const int SqliteSuffixMax = 8;

    /// <summary>The longest name that a swap gives: ".before-", 16 digits and "-journal".</summary>
    private const int SwapSuffixMax = 32;

    /// <summary>The new database while SQLite checks it: ".restoring-" and 16 digits.</summary>
    private const int StagedSuffixMax = 27;

    /// <summary>Names within a repository or a state directory are shorter.</summary>
    private const int InsideMax = 300;

    public static PathLength Database { get; } = new(
        SystemNameMax - SqliteSuffixMax, SqlitePathMax, "SQLite must be able to add '-journal', and opens no longer path");

    public static PathLength Output { get; } = new(
        SystemNameMax - SwapSuffixMax, SqlitePathMax - StagedSuffixMax, "a restore keeps files beside it whose names are longer, and SQLite opens no longer path");

    public static PathLength Directory { get; } = new(SystemNameMax, SystemPathMax - InsideMax, "the names inside must fit too");

    public void Check(OptionResult result)
    {
        foreach (var token in result.Tokens)
        {
            if (FullPath(token.Value) is { } path && Problem(path) is { } problem)
            {
                result.AddError($"{result.Option.Name} {problem}");
            }
        }
    }

    private string? Problem(string path)
    {
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < names.Length; i++)
        {
            var isLast = i == names.Length - 1;
            var max = isLast ? NameMax : SystemNameMax;
            if (Encoding.UTF8.GetByteCount(names[i]) is var length && length > max)
            {
                var reason = max < SystemNameMax ? $", since {Reason}" : "";
                return $"holds a name of {length} bytes, '{Shorten(names[i])}'; {(isLast ? "the last name" : "a name")} may have {max}{reason}.";
            }
        }

        return Encoding.UTF8.GetByteCount(path) is var total && total > PathMax
            ? $"is a path of {total} bytes from the root, '{Shorten(path)}'; it may have {PathMax}, since {Reason}."
            : null;
    }

    /// <summary>Null where there is no current directory to start from: whoever uses the path says so.</summary>
    private static string? FullPath(string path)
    {
        try
        {
            return path.Length == 0 || path.Contains('\0', StringComparison.Ordinal) ? null : Path.GetFullPath(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : $"{text[..40]}…{text[^19..]}";
}
