using System.Globalization;

namespace BackupSidecar.Hosting.Configuration;

/// <summary>Variables such as <c>BACKUPSIDECAR__SHUTDOWN__DEADLINE</c>, laid over the file.</summary>
/// <remarks>
/// Two underscores separate keys and list indexes; one inside a key is ignored, and so is the case, so that ROLLBACK_JOURNAL_INTERVAL is
/// rollbackJournalInterval. A name that ends with _FILE names a file that holds the value, for secrets.
/// </remarks>
internal static class EnvironmentOverlay
{
    public const string Prefix = "BACKUPSIDECAR__";

    private const string FileSuffix = "_FILE";
    private const string Separator = "__";
    private const int IndexDigitsMax = 5;

    /// <summary>A value of this length is no mistake in a mount, such as a log file; secrets are shorter.</summary>
    private const int FileLengthMax = 64 * 1024;

    public static void Apply(ConfigurationNode root, IReadOnlyDictionary<string, string> variables, List<ConfigurationProblem> problems)
    {
        // In this order 2 comes before 10, so that items are added one after the other.
        var given = variables.Where(pair => pair.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            .OrderBy(pair => OrderOf(pair.Key), StringComparer.Ordinal)
            .ThenBy(pair => pair.Key, StringComparer.Ordinal);
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in given)
        {
            var isFile = name.EndsWith(FileSuffix, StringComparison.OrdinalIgnoreCase);
            var key = Plain(isFile ? name[..^FileSuffix.Length] : name);
            if (!seen.TryAdd(key, name))
            {
                problems.Add(new ConfigurationProblem($"environment variable {name}", "", $"the same key is given by {seen[key]} too; give one of them."));
                continue;
            }

            if (!isFile)
            {
                Set(root, name, value, isSecret: false, name, problems);
            }
            else if (ReadFile(name, value, problems) is { } content)
            {
                Set(root, name[..^FileSuffix.Length], content, isSecret: true, name, problems);
            }
        }
    }

    private static string OrderOf(string name) =>
        string.Join(Separator, name.Split(Separator).Select(part => IsIndex(part) ? part.PadLeft(IndexDigitsMax, '0') : part));

    private static string Plain(string name) =>
        string.Join('/', name[Prefix.Length..].Split(Separator).Select(part => part.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant()));

    private static string? ReadFile(string variable, string path, List<ConfigurationProblem> problems)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Length <= FileLengthMax)
            {
                // An editor ends a file with a line break; the value has none.
                return File.ReadAllText(path).TrimEnd('\r', '\n');
            }

            problems.Add(new ConfigurationProblem($"environment variable {variable}", "", $"the file {path} has {file.Length} bytes; a value has at most {FileLengthMax}."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problems.Add(new ConfigurationProblem($"environment variable {variable}", "", $"the file {path} cannot be read: {e.Message}"));
        }

        return null;
    }

    private static void Set(ConfigurationNode root, string name, string value, bool isSecret, string variable, List<ConfigurationProblem> problems)
    {
        var origin = $"environment variable {variable}";
        var parts = name[Prefix.Length..].Split(Separator);
        var node = root;
        for (var i = 0; i < parts.Length; i++)
        {
            var isLast = i == parts.Length - 1;
            var next = isLast
                ? new ConfigurationNode(NodeKind.Untyped, value, origin) { IsSecret = isSecret, HasLooseName = true }
                : new ConfigurationNode(IsIndex(parts[i + 1]) ? NodeKind.List : NodeKind.Section, "", origin) { HasLooseName = true };
            if (Step(node, parts[i], next, isLast) is not { } reached)
            {
                problems.Add(new ConfigurationProblem(origin, "", Unreachable(node, parts, i)));
                return;
            }

            node = reached;
        }
    }

    private static bool IsIndex(string part) => part.Length is > 0 and <= IndexDigitsMax && part.All(char.IsAsciiDigit);

    /// <summary>Goes to what <paramref name="part"/> names, or puts <paramref name="next"/> there; null if neither is possible.</summary>
    private static ConfigurationNode? Step(ConfigurationNode node, string part, ConfigurationNode next, bool isLast)
    {
        if (node.Kind == NodeKind.List && IsIndex(part))
        {
            var index = int.Parse(part, CultureInfo.InvariantCulture);
            if (index > node.Items.Count)
            {
                return null;
            }

            if (index == node.Items.Count)
            {
                node.Items.Add(next);
            }
            else if (isLast)
            {
                node.Items[index] = next;
            }

            return node.Items[index];
        }

        if (node.Kind != NodeKind.Section || part.Length == 0)
        {
            return null;
        }

        var key = KeyOf(part);
        var existing = node.Members.Keys.FirstOrDefault(member => KeyOf(member) == key);
        if (existing is null || isLast)
        {
            // The section reader knows how the key is written; until then the variable's own words stand for it.
            node.Members[existing ?? key] = next;
        }

        return node.Members[existing ?? key];
    }

    /// <summary>How keys and parts of variables are compared.</summary>
    public static string KeyOf(string part) => part.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    private static string Unreachable(ConfigurationNode node, string[] parts, int at) => node.Kind switch
    {
        NodeKind.List when IsIndex(parts[at]) => $"item {parts[at]} of a list that has {node.Items.Count}: number items from 0 without a gap.",
        NodeKind.List => $"'{parts[at]}' stands where the number of a list item is needed, from 0.",
        _ => $"'{parts[at]}' leads nowhere: separate keys by two underscores, such as {Prefix}SHUTDOWN__DEADLINE.",
    };
}
