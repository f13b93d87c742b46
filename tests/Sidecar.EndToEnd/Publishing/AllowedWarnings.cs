namespace BackupSidecar.EndToEnd.Publishing;

/// <summary>The allow-list of library warnings: one assembly and code a line, with a reason. Judges what a publish printed.</summary>
internal sealed class AllowedWarnings
{
    private const string OurAssembly = "backup-sidecar";

    private readonly HashSet<(string Assembly, string Code)> _allowed = [];
    private readonly List<string> _faults = [];

    private AllowedWarnings()
    {
    }

    /// <summary>Lines are <c>Assembly ILnnnn # reason</c>, or comments, or empty.</summary>
    public static AllowedWarnings Read(IEnumerable<string> lines)
    {
        var list = new AllowedWarnings();
        foreach (var line in lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            list.Add(line);
        }

        return list;
    }

    /// <summary>What is wrong: in the list itself, warnings that it does not allow, and lines that allow nothing any more.</summary>
    public IReadOnlyList<string> Judge(IReadOnlyList<NativeWarning> warnings, TypeOwners owners)
    {
        var seen = warnings.Select(warning => (Pair: (Assembly: owners.OwnerOf(warning.Member), warning.Code), warning.Line)).ToList();
        var refused = seen.Where(warning => IsOurs(warning.Pair.Assembly) || !_allowed.Contains(warning.Pair));
        var stale = _allowed.Except(seen.Select(warning => warning.Pair));
        return
        [
            .. _faults,
            .. refused.Select(warning => $"{warning.Pair.Assembly} {warning.Pair.Code} is not allowed: {warning.Line}"),
            .. stale.Select(pair => $"{pair.Assembly} {pair.Code} is allowed and no longer appears: remove its line"),
        ];
    }

    private static bool IsOurs(string assembly) => assembly.Split('|').Contains(OurAssembly);

    private void Add(string line)
    {
        if (line.Split('#', 2) is not [var pair, var reason] || string.IsNullOrWhiteSpace(reason))
        {
            _faults.Add($"'{line}' gives no reason");
        }
        else if (pair.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is not [var assembly, var code] || IsOurs(assembly))
        {
            _faults.Add($"'{line}' is not the name of a library's assembly and a code");
        }
        else
        {
            _allowed.Add((assembly, code));
        }
    }
}
