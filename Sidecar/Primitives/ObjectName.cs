namespace BackupSidecar.Primitives;

/// <summary>The name of an object in a store: segments of letters, digits, '.', '_' and '-', joined by '/'.</summary>
/// <remarks>At most 512 characters, 200 a segment; no segment is empty or starts with '.' or '-', so that no name leaves a directory or is taken for a temporary file.</remarks>
internal readonly record struct ObjectName
{
    public const int LengthMax = 512;
    public const int SegmentLengthMax = 200;

    private readonly string? _text;

    private ObjectName(string text) => _text = text;

    public static ObjectName Parse(string text) =>
        TryParse(text, out var name) ? name : throw new ArgumentException($"'{text}' is not an object name.", nameof(text));

    public static bool TryParse(string text, out ObjectName name)
    {
        name = default;
        if (text.Length is 0 or > LengthMax)
        {
            return false;
        }

        foreach (var range in text.AsSpan().Split('/'))
        {
            if (!IsSegment(text.AsSpan()[range]))
            {
                return false;
            }
        }

        name = new ObjectName(text);
        return true;
    }

    /// <summary>True if <paramref name="text"/> may stand between two slashes of a name.</summary>
    public static bool IsSegment(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > SegmentLengthMax || text[0] is '.' or '-')
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    public override string ToString() => _text ?? throw new InvalidOperationException("An object name was used before it was set.");
}
