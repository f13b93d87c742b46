using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Hosting.Configuration;

/// <summary>Reads one object of the configuration. Each key is asked for once, with all that is to be said of it; what nobody asked for is a problem.</summary>
/// <remarks>A value that cannot be used is a problem, and its default goes on in its place, so that one reading finds every problem.</remarks>
internal sealed partial class SectionReader
{
    private readonly ConfigurationReading _reading;
    private readonly ConfigurationNode _node;
    private readonly string _path;
    private readonly List<string> _known = [];
    private readonly List<SectionReader> _children = [];

    private readonly bool _isRefused;

    /// <param name="reading">Collects what is found.</param>
    /// <param name="node">A section.</param>
    /// <param name="path">Its key; empty for the whole.</param>
    /// <param name="isRefused">Something else than an object is there: that keys are missing below it says nothing new.</param>
    public SectionReader(ConfigurationReading reading, ConfigurationNode node, string path, bool isRefused)
    {
        _isRefused = isRefused;
        _reading = reading;
        _node = node;
        _path = path;
    }

    /// <summary>What was read, with the defaults: the configuration that is in effect.</summary>
    public JsonObject Effective { get; } = [];

    public string Origin => _node.Origin;

    public bool Has(string key) => Find(key) is not null;

    public bool IsEmptyList(string key) => Find(key) is { Kind: NodeKind.List, Items.Count: 0 };

    /// <summary>Text that is not empty.</summary>
    public string? Text(string key, string? @default, string allowed, string effect, Func<string, string?> findMistake)
    {
        var value = Scalar(key, "text", allowed, @default, effect, NodeKind.Text, text => text.Length == 0 ? "it is empty" : findMistake(text), out var given);
        return Show(key, value is null ? @default : given!.Text, given);
    }

    /// <summary>An absolute path; one that is not begins at the current directory.</summary>
    public string? Path(string key, string effect)
    {
        var text = Text(key, null, "a path", effect, text => text.Contains('\0', StringComparison.Ordinal) ? "it holds a character that no path has" : null);
        return text is null ? null : System.IO.Path.GetFullPath(text);
    }

    /// <summary>A name as sources have.</summary>
    public string? Name(string key, string effect) => Text(
        key, null, $"1 to {SourceName.LengthMax} letters, digits, '.', '_' or '-' of ASCII", effect,
        text => SourceName.IsValid(text) ? null : "it begins with '.' or '-', is too long or has another character");

    public bool Flag(string key, bool @default, string effect)
    {
        var text = Scalar(key, "flag", "true or false", @default ? "true" : "false", effect, NodeKind.Flag, text => text is "true" or "false" ? null : "", out var given);
        var value = text is null ? @default : text == "true";
        Effective[key] = given is { IsSecret: true } ? Hidden : JsonValue.Create(value);
        return value;
    }

    public long Number(string key, long @default, long min, long max, string effect) => ReadNumber(key, @default, min, max, effect)!.Value;

    /// <summary>A number that may be left out.</summary>
    public long? OptionalNumber(string key, long min, long max, string effect) => ReadNumber(key, @default: null, min, max, effect);

    public TimeSpan Duration(string key, TimeSpan @default, TimeSpan min, TimeSpan max, string effect)
    {
        var text = Scalar(
            key, "duration", $"{DurationText.Of(min)} to {DurationText.Of(max)}", DurationText.Of(@default), effect, NodeKind.Text,
            text => !DurationText.TryParse(text, out var duration) ? $"a duration is {DurationText.Example}" : duration >= min && duration <= max ? null : "", out var given);
        _ = Show(key, text ?? DurationText.Of(@default), given);
        return text is not null && DurationText.TryParse(text, out var value) ? value : @default;
    }

    public T Choice<T>(string key, T @default, string effect)
        where T : struct, Enum
    {
        // The zero of an enum is nobody's choice, unless its name says so.
        var names = Enum.GetNames<T>().Where(name => name != "Unspecified").Select(name => name.ToLowerInvariant()).ToArray();
        var defaultName = @default.ToString().ToLowerInvariant();
        var text = Scalar(
            key, "choice", names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}", defaultName, effect, NodeKind.Text,
            text => names.Contains(Joined(text), StringComparer.Ordinal) ? null : Suggestion.For(text, names) is { } near ? $"did you mean '{near}'" : "", out var given);
        _ = Show(key, text is null ? defaultName : Joined(text), given);
        return text is null ? @default : Enum.Parse<T>(Joined(text), ignoreCase: true);

        // Words may be written apart, as on many command lines: access-token.
        static string Joined(string text) => text.Replace("-", "", StringComparison.Ordinal);
    }

    public IReadOnlyList<string> Texts(string key, IReadOnlyList<string> @default, string allowed, string effect)
    {
        _known.Add(key);
        _reading.Describe(new OptionDescription(TemplateOf(key), "list of text", allowed, @default.Count == 0 ? "[]" : $"[\"{string.Join("\", \"", @default)}\"]", effect));
        var list = Find(key);
        List<string> values = list is null ? [.. @default] : [];
        if (list is { Kind: not NodeKind.List })
        {
            Refuse(list, key, $"needs a list, such as [\"{allowed}\"]");
        }

        foreach (var item in list?.Items ?? [])
        {
            if (item.Kind is NodeKind.Text or NodeKind.Untyped && item.Text.Length > 0)
            {
                values.Add(item.Text);
            }
            else
            {
                Refuse(item, key, "needs text that is not empty in its list");
            }
        }

        Effective[key] = new JsonArray([.. values.Select(value => (JsonNode)value)]);
        return values;
    }

    public SectionReader Section(string key)
    {
        _known.Add(key);
        var node = Find(key);
        var isRefused = node is { Kind: not NodeKind.Section };
        if (isRefused)
        {
            Refuse(node!, key, "needs an object: { … }");
        }

        var child = new SectionReader(_reading, isRefused || node is null ? ConfigurationNode.Section(Origin) : node, PathOf(key), isRefused);
        _children.Add(child);
        Effective[key] = child.Effective;
        return child;
    }

    /// <summary>A list of objects.</summary>
    public IReadOnlyList<SectionReader> Sections(string key)
    {
        _known.Add(key);
        var list = Find(key);
        if (list is { Kind: not NodeKind.List })
        {
            Refuse(list, key, "needs a list of objects: [ { … } ]");
        }

        var items = new List<SectionReader>();
        var shown = new JsonArray();
        foreach (var (item, index) in (list?.Items ?? []).Select((item, index) => (item, index)))
        {
            if (item.Kind != NodeKind.Section)
            {
                Refuse(item, $"{key}[{index}]", "needs an object: { … }");
                continue;
            }

            items.Add(new SectionReader(_reading, item, PathOf($"{key}[{index}]"), isRefused: false));
            shown.Add((JsonNode)items[^1].Effective);
        }

        _children.AddRange(items);
        Effective[key] = shown;
        return items;
    }

    /// <summary>Something that is wrong with values taken together.</summary>
    public void Refuse(string key, string text)
    {
        if (!_isRefused)
        {
            _reading.Problems.Add(new ConfigurationProblem((Find(key) ?? _node).Origin, PathOf(key), text));
        }
    }

    /// <summary>To be called when every key has been asked for: finds the others, here and below.</summary>
    public void RefuseUnknown()
    {
        foreach (var (key, node) in _node.Members)
        {
            if (!_known.Any(known => IsNamed(known, key, node)))
            {
                var suggestion = Suggestion.For(key, _known) is { } near ? $" Did you mean '{near}'?" : $" Known here: {string.Join(", ", _known)}.";
                _reading.Problems.Add(new ConfigurationProblem(node.Origin, PathOf(key), $"there is no such key.{suggestion}"));
            }
        }

        foreach (var child in _children)
        {
            child.RefuseUnknown();
        }
    }

    private long? ReadNumber(string key, long? @default, long min, long max, string effect)
    {
        var text = Scalar(
            key, "number", $"{min} to {max}", @default?.ToString(CultureInfo.InvariantCulture), effect, NodeKind.Number,
            text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? null : "", out var given);
        var value = text is null ? @default : long.Parse(text, CultureInfo.InvariantCulture);
        if (value is { } number)
        {
            Effective[key] = given is { IsSecret: true } ? Hidden : JsonValue.Create(number);
        }

        return value;
    }

    private static JsonNode Hidden => JsonValue.Create("(secret)");

    private string? Show(string key, string? text, ConfigurationNode? given)
    {
        if (text is not null)
        {
            Effective[key] = given is { IsSecret: true } ? Hidden : JsonValue.Create(text);
        }

        return text;
    }

    /// <returns>The text of a usable value, or null: then the default counts.</returns>
    private string? Scalar(string key, string type, string allowed, string? @default, string effect, NodeKind kind, Func<string, string?> findMistake, out ConfigurationNode? given)
    {
        _known.Add(key);
        _reading.Describe(new OptionDescription(TemplateOf(key), type, allowed, @default, effect));
        given = Find(key);
        if (given is null)
        {
            return null;
        }

        if (given.Kind != kind && given.Kind != NodeKind.Untyped)
        {
            Refuse(given, key, $"needs {Named(type)}: {allowed}");
        }
        else if (findMistake(given.Text) is { } mistake)
        {
            var reason = mistake.Length == 0 ? "" : $"; {mistake}";
            Refuse(given, key, $"can be {allowed}{reason}");
        }
        else
        {
            return given.Text;
        }

        given = null;
        return null;
    }

    private void Refuse(ConfigurationNode node, string key, string need)
    {
        var value = node switch
        {
            { IsSecret: true } => "the value",
            { Kind: NodeKind.Section } => "an object",
            { Kind: NodeKind.List } => "a list",
            { Kind: NodeKind.Text or NodeKind.Untyped } => $"'{node.Text}'",
            _ => node.Text,
        };
        _reading.Problems.Add(new ConfigurationProblem(node.Origin, PathOf(key), $"{value} is not allowed: the key {need}."));
    }

    private static string Named(string type) => type switch
    {
        "text" => "text in quotes",
        "number" => "a whole number",
        "flag" => "a flag",
        "duration" => "a duration in quotes",
        _ => "text in quotes",
    };

    private ConfigurationNode? Find(string key) =>
        _node.Members.GetValueOrDefault(key) ?? _node.Members.Where(member => IsNamed(key, member.Key, member.Value)).Select(member => member.Value).FirstOrDefault();

    private static bool IsNamed(string known, string key, ConfigurationNode node) => known == key || (node.HasLooseName && EnvironmentOverlay.KeyOf(known) == key);

    private string PathOf(string key) => _path.Length == 0 ? key : $"{_path}.{key}";

    private string TemplateOf(string key) => Index().Replace(PathOf(key), "[]");

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Index();
}
