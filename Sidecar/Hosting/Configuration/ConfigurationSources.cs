using BackupSidecar.Primitives;

namespace BackupSidecar.Hosting.Configuration;

/// <summary>Where the configuration comes from: a file, over it the variables, over them the command line.</summary>
internal sealed record ConfigurationSources
{
    /// <summary>Larger files are no configuration.</summary>
    private const long FileLengthMax = 1024 * 1024;

    /// <summary>Null: no file.</summary>
    public string? File { get; init; }

    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Keys in dots, such as <c>repository.path</c>, with the option that gave the value.</summary>
    public IReadOnlyList<(string Key, string Value, string Option)> CommandLine { get; init; } = [];

    /// <summary>The databases of the command line, each a source; empty if it named none.</summary>
    public IReadOnlyList<string> Databases { get; init; } = [];

    /// <summary>The interval of the command line, for each of its databases.</summary>
    public string? Interval { get; init; }

    /// <exception cref="OperatorException">The file cannot be read.</exception>
    public LoadedConfiguration Load()
    {
        var stamp = File is null ? default : FileStamp.Of(File);
        var reading = new ConfigurationReading();
        var tree = File is null ? ConfigurationNode.Section("the configuration") : ConfigurationFile.Parse(File, ReadFile(File), reading.Problems);

        // What is no JSON has keys missing that are there: only the syntax is worth saying.
        var isBroken = reading.Problems.Any(problem => problem.Key.Length == 0);
        EnvironmentOverlay.Apply(tree, Variables, reading.Problems);
        OverlayCommandLine(tree);
        var found = isBroken ? reading.Problems.ToList() : reading.Problems;
        var root = new SectionReader(reading, tree, "", isRefused: false);
        var options = OptionsReader.Read(root);
        return new LoadedConfiguration(options, found, reading.Options, root.Effective, stamp);
    }

    private static byte[] ReadFile(string path)
    {
        if (Directory.Exists(path))
        {
            throw new OperatorException(FailureKind.Failed, $"The configuration file {path} is a directory.", "Name the file in it, such as serve.jsonc.");
        }

        try
        {
            return new FileInfo(path) is { Exists: true, Length: > FileLengthMax } file
                ? throw new OperatorException(FailureKind.Failed, $"The configuration file {path} has {file.Length} bytes.", $"A configuration has at most {FileLengthMax} bytes: check the path.")
                : System.IO.File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new OperatorException(FailureKind.Failed, $"The configuration file {path} cannot be read: {e.Message}", "Check the path, the mount and the permissions.", e);
        }
    }

    private void OverlayCommandLine(ConfigurationNode tree)
    {
        foreach (var (key, value, option) in CommandLine)
        {
            var (section, name) = key.Split('.') is [var first, var second] ? (first, second) : throw new InvalidOperationException($"'{key}' is no key of a section.");
            var node = tree.Members.GetValueOrDefault(section) is { Kind: NodeKind.Section } existing ? existing : ConfigurationNode.Section(option);
            tree.Members[section] = node;
            node.Members[name] = new ConfigurationNode(NodeKind.Untyped, value, option);
        }

        if (Databases.Count > 0)
        {
            var list = ConfigurationNode.List("--database");
            list.Items.AddRange(Databases.Select(SourceOf));
            tree.Members["sources"] = list;
        }
    }

    private ConfigurationNode SourceOf(string database)
    {
        var source = ConfigurationNode.Section("--database");
        source.Members["path"] = new ConfigurationNode(NodeKind.Untyped, database, "--database");
        if (Interval is not null)
        {
            source.Members["interval"] = new ConfigurationNode(NodeKind.Untyped, Interval, "--interval");
        }

        return source;
    }
}
