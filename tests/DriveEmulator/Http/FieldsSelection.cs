using System.Text.Json.Nodes;

namespace BackupSidecar.DriveEmulator.Http;

/// <summary>The <c>fields</c> parameter: which members of an answer the caller wants, such as <c>files(id,name),nextPageToken</c>.</summary>
internal sealed class FieldsSelection
{
    private readonly Dictionary<string, FieldsSelection> _members = new(StringComparer.Ordinal);

    private FieldsSelection()
    {
    }

    /// <summary>Everything from here down: nothing is named, or all is by an asterisk.</summary>
    private bool TakesAll => _members.Count == 0 || _members.ContainsKey("*");

    /// <exception cref="DriveException">400: the text is no selection.</exception>
    public static FieldsSelection Parse(string text)
    {
        var position = 0;
        var selection = ParseMembers(text, ref position);
        return position == text.Length ? selection : throw Bad(text);
    }

    /// <summary>The selection below a member; null if the member is not wanted.</summary>
    public FieldsSelection? Of(string member) =>
        TakesAll ? new FieldsSelection() : _members.GetValueOrDefault(member);

    /// <exception cref="DriveException">400: a member is named that the resource does not have.</exception>
    public void EnsureKnown(IReadOnlySet<string> known)
    {
        foreach (var name in _members.Keys)
        {
            if (name != "*" && !known.Contains(name))
            {
                throw Bad(name);
            }
        }
    }

    /// <summary>The part of an object that is wanted, as a new object.</summary>
    public JsonObject Apply(JsonObject whole)
    {
        var part = new JsonObject();
        foreach (var (name, value) in whole)
        {
            if (Of(name) is { } below)
            {
                part[name] = below.ApplyToValue(value);
            }
        }

        return part;
    }

    private JsonNode? ApplyToValue(JsonNode? value) => value switch
    {
        _ when TakesAll => value?.DeepClone(),
        JsonObject members => Apply(members),
        JsonArray items => new JsonArray([.. items.Select(ApplyToValue)]),
        _ => value?.DeepClone(),
    };

    private static FieldsSelection ParseMembers(string text, ref int position)
    {
        var selection = new FieldsSelection();
        do
        {
            var name = ParseName(text, ref position);
            var below = ParseBelow(text, ref position);
            if (selection._members.TryGetValue(name, out var earlier))
            {
                earlier.Add(below);
            }
            else
            {
                selection._members[name] = below;
            }
        }
        while (TryTake(text, ref position, ','));
        return selection;
    }

    /// <summary>A selection with nothing in it takes all, and stays so.</summary>
    private void Add(FieldsSelection other)
    {
        if (_members.Count == 0 || other._members.Count == 0)
        {
            _members.Clear();
            return;
        }

        foreach (var (name, below) in other._members)
        {
            _members.TryAdd(name, below);
        }
    }

    private static FieldsSelection ParseBelow(string text, ref int position)
    {
        if (TryTake(text, ref position, '/'))
        {
            var selection = new FieldsSelection();
            var name = ParseName(text, ref position);
            selection._members[name] = ParseBelow(text, ref position);
            return selection;
        }

        if (!TryTake(text, ref position, '('))
        {
            return new FieldsSelection();
        }

        var members = ParseMembers(text, ref position);
        return TryTake(text, ref position, ')') ? members : throw Bad(text);
    }

    private static string ParseName(string text, ref int position)
    {
        while (position < text.Length && text[position] == ' ')
        {
            position++;
        }

        var start = position;
        while (position < text.Length && (char.IsAsciiLetterOrDigit(text[position]) || text[position] is '*' or '_' or '-'))
        {
            position++;
        }

        return position > start ? text[start..position] : throw Bad(text);
    }

    private static bool TryTake(string text, ref int position, char wanted)
    {
        while (position < text.Length && text[position] == ' ')
        {
            position++;
        }

        if (position == text.Length || text[position] != wanted)
        {
            return false;
        }

        position++;
        return true;
    }

    private static DriveException Bad(string text) =>
        new(400, "invalidParameter", $"Invalid field selection {text}") { Parameter = "fields" };
}
