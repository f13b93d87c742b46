using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>The parts of an object name of the form <c>FOLDER/SOURCE/FIELD-FIELD-…SUFFIX</c>.</summary>
internal readonly ref struct NameFields
{
    private const int CountMax = 8;

    private readonly ReadOnlySpan<char> _stem;
    private readonly Bounds _bounds;

    private NameFields(SourceId source, ReadOnlySpan<char> stem, Bounds bounds)
    {
        Source = source;
        _stem = stem;
        _bounds = bounds;
    }

    public SourceId Source { get; }

    public ReadOnlySpan<char> this[int field] => _stem[_bounds[field]];

    /// <param name="name">It outlives the fields.</param>
    /// <param name="folder">With its slash.</param>
    /// <param name="suffix">With its dot.</param>
    /// <param name="count">How many fields there must be.</param>
    /// <param name="fields">Their texts, of which nothing is known yet.</param>
    public static bool TrySplit(string name, string folder, string suffix, int count, out NameFields fields)
    {
        fields = default;
        if (!name.StartsWith(folder, StringComparison.Ordinal) || !name.EndsWith(suffix, StringComparison.Ordinal) || name.Length < folder.Length + suffix.Length)
        {
            return false;
        }

        var path = name.AsSpan(folder.Length..^suffix.Length);
        var slash = path.IndexOf('/');
        var bounds = default(Bounds);
        Span<Range> ranges = bounds;
        if (slash < 0 || path[(slash + 1)..].Split(ranges[..(count + 1)], '-') != count || !SourceId.TryParse(path[..slash], out var source))
        {
            return false;
        }

        fields = new NameFields(source, path[(slash + 1)..], bounds);
        return true;
    }

    [System.Runtime.CompilerServices.InlineArray(CountMax)]
    private struct Bounds
    {
        private Range _first;
    }
}
