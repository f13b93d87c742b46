namespace BackupSidecar.Hosting.Configuration;

/// <summary>A value as it was given, and where: the tree that file, environment and command line make together.</summary>
internal sealed class ConfigurationNode(NodeKind kind, string text, string origin)
{
    public NodeKind Kind { get; } = kind;

    /// <summary>Of a scalar, without quotes; empty for the others.</summary>
    public string Text { get; } = text;

    /// <summary>"app.jsonc:12", "environment variable X", "--interval".</summary>
    public string Origin { get; } = origin;

    /// <summary>It came from a file of its own, as secrets do, and is never shown.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Its key is written as in a variable: without the case.</summary>
    public bool HasLooseName { get; init; }

    public Dictionary<string, ConfigurationNode> Members { get; } = new(StringComparer.Ordinal);

    public List<ConfigurationNode> Items { get; } = [];

    public static ConfigurationNode Section(string origin) => new(NodeKind.Section, "", origin);

    public static ConfigurationNode List(string origin) => new(NodeKind.List, "", origin);
}
