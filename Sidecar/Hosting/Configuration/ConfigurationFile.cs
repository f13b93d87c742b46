using System.Text.Json;

namespace BackupSidecar.Hosting.Configuration;

/// <summary>The configuration file: strict JSON with comments and trailing commas.</summary>
internal ref struct ConfigurationFile
{
    private const int DepthMax = 16;

    private readonly string _name;
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly List<ConfigurationProblem> _problems;
    private Utf8JsonReader _reader;
    private int _line;
    private long _lineIsAt;

    private ConfigurationFile(string name, ReadOnlySpan<byte> bytes, List<ConfigurationProblem> problems)
    {
        _name = name;
        _bytes = bytes;
        _problems = problems;
        _line = 1;
        _reader = new Utf8JsonReader(bytes, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = DepthMax });
    }

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <returns>The tree, as far as it could be read; what was wrong is added to the problems.</returns>
    public static ConfigurationNode Parse(string name, ReadOnlySpan<byte> bytes, List<ConfigurationProblem> problems)
    {
        bytes = bytes.StartsWith(ByteOrderMark) ? bytes[ByteOrderMark.Length..] : bytes;
        var file = new ConfigurationFile(name, bytes, problems);
        try
        {
            return file.ReadDocument();
        }
        catch (JsonException e)
        {
            problems.Add(new ConfigurationProblem($"{name}:{(e.LineNumber ?? 0) + 1}", "", $"this is not JSON with comments: {Plain(e.Message)}"));
            return ConfigurationNode.Section(name);
        }
    }

    /// <summary>The library adds the position, which the origin tells.</summary>
    private static string Plain(string message) => message.Split(" LineNumber:")[0].TrimEnd();

    private ConfigurationNode ReadDocument()
    {
        _ = _reader.Read();
        var root = ReadValue("");

        // A second value throws here.
        _ = _reader.Read();
        if (root.Kind == NodeKind.Section)
        {
            return root;
        }

        _problems.Add(new ConfigurationProblem(root.Origin, "", "the file holds one object: { … }."));
        return ConfigurationNode.Section(_name);
    }

    private ConfigurationNode ReadValue(string path) => _reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadSection(path),
        JsonTokenType.StartArray => ReadList(path),
        JsonTokenType.String => new ConfigurationNode(NodeKind.Text, _reader.GetString()!, Origin()),
        JsonTokenType.Number => new ConfigurationNode(NodeKind.Number, Raw(), Origin()),
        JsonTokenType.True or JsonTokenType.False => new ConfigurationNode(NodeKind.Flag, Raw(), Origin()),
        _ => new ConfigurationNode(NodeKind.Null, "null", Origin()),
    };

    private ConfigurationNode ReadSection(string path)
    {
        var section = ConfigurationNode.Section(Origin());
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var key = _reader.GetString()!;
            var keyPath = path.Length == 0 ? key : $"{path}.{key}";
            var origin = Origin();
            _ = _reader.Read();
            var value = ReadValue(keyPath);
            if (!section.Members.TryAdd(key, value))
            {
                _problems.Add(new ConfigurationProblem(origin, keyPath, $"the key is there twice, first at {section.Members[key].Origin}."));
            }
        }

        return section;
    }

    private ConfigurationNode ReadList(string path)
    {
        var list = ConfigurationNode.List(Origin());
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            list.Items.Add(ReadValue($"{path}[{list.Items.Count}]"));
        }

        return list;
    }

    private readonly string Raw() => System.Text.Encoding.UTF8.GetString(_reader.ValueSpan);

    private string Origin()
    {
        // The reader counts lines for its errors only.
        _line += _bytes[(int)_lineIsAt..(int)_reader.TokenStartIndex].Count((byte)'\n');
        _lineIsAt = _reader.TokenStartIndex;
        return $"{_name}:{_line}";
    }
}
