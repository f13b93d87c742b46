using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>The parts of an object name of the form <c>FOLDER/SOURCE/FIELD-FIELD-…SUFFIX</c>, whose last two fields may be a writer's stamp.</summary>
internal readonly ref struct NameFields
{
    private const int CountMax = 9;

    private readonly ReadOnlySpan<char> _stem;
    private readonly Bounds _bounds;

    private NameFields(SourceId source, WriterStamp stamp, ReadOnlySpan<char> stem, Bounds bounds)
    {
        Source = source;
        Stamp = stamp;
        _stem = stem;
        _bounds = bounds;
    }

    public SourceId Source { get; }

    public WriterStamp Stamp { get; }

    public ReadOnlySpan<char> this[int field] => _stem[_bounds[field]];

    /// <param name="name">It outlives the fields.</param>
    /// <param name="folder">With its slash.</param>
    /// <param name="suffix">With its dot.</param>
    /// <param name="count">How many fields there must be, without a stamp.</param>
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
        if (slash < 0 || !SourceId.TryParse(path[..slash], out var source))
        {
            return false;
        }

        var stem = path[(slash + 1)..];
        var found = stem.Split(ranges[..(count + WriterStamp.FieldCount + 1)], '-');
        var stamp = default(WriterStamp);
        if (found != count && !(found == count + WriterStamp.FieldCount && WriterStamp.TryParse(stem[ranges[count]], stem[ranges[count + 1]], out stamp)))
        {
            return false;
        }

        fields = new NameFields(source, stamp, stem, bounds);
        return true;
    }

    [System.Runtime.CompilerServices.InlineArray(CountMax)]
    private struct Bounds
    {
        private Range _first;
    }
}
