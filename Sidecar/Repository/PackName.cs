using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>Everything about a pack that its chain needs, in its name. <see cref="From"/> is <see cref="Position.None"/> for a full.</summary>
/// <remarks>
/// <code>packs/SOURCE/TOTX-TOTIMELINE-FROMTX-FROMTIMELINE-CAPTUREDUS-PACK.pack</code>
/// All hexadecimal, lowercase, of fixed width, so that a listing is in order of positions; a stamp may stand at the end (<see cref="WriterStamp"/>). A pack always leads to a larger
/// transaction than it starts from; no other name parses, so that a chain cannot have cycles.
/// </remarks>
internal readonly record struct PackName(SourceId Source, Position From, Position To, long CaptureTimeMicroseconds, PackId Pack) : IComparable<PackName>
{
    private const int FieldCount = 6;

    /// <summary>Of the writer that put it.</summary>
    public WriterStamp Stamp { get; init; }

    public bool IsFull => From.IsNone;

    public DateTimeOffset CaptureTime => UtcMicroseconds.ToTime(CaptureTimeMicroseconds);

    public static bool TryParse(ObjectName name, out PackName packName)
    {
        packName = default;
        var text = name.ToString();
        if (!NameFields.TrySplit(text, RepositoryLayout.PackFolder, RepositoryLayout.PackSuffix, FieldCount, out var fields))
        {
            return false;
        }

        if (!PositionText.TryParse(fields[0], fields[1], out var to)
            || !PositionText.TryParse(fields[2], fields[3], out var from)
            || !UtcMicroseconds.TryParseName(fields[4], out var captured)
            || !PackId.TryParse(fields[5], out var pack))
        {
            return false;
        }

        packName = new PackName(fields.Source, from, to, captured, pack) { Stamp = fields.Stamp };

        // The second condition leaves one spelling: uppercase digits are another object.
        return packName.IsSound && packName.ToObjectName().ToString() == text;
    }

    /// <summary>The order of the object names, without making them.</summary>
    public int CompareTo(PackName other)
    {
        var order = (Source.Value, To.Transaction.Value, To.Timeline.Value, From.Transaction.Value)
            .CompareTo((other.Source.Value, other.To.Transaction.Value, other.To.Timeline.Value, other.From.Transaction.Value));
        return order != 0 ? order : (From.Timeline.Value, CaptureTimeMicroseconds, Pack.Value, Stamp)
            .CompareTo((other.From.Timeline.Value, other.CaptureTimeMicroseconds, other.Pack.Value, other.Stamp));
    }

    public ObjectName ToObjectName()
    {
        if (!IsSound)
        {
            throw new InvalidOperationException($"A pack cannot lead from {From} to {To} at {CaptureTimeMicroseconds} µs.");
        }

        return ObjectName.Parse(
            $"{RepositoryLayout.PacksOf(Source)}{PositionText.Of(To)}-{PositionText.Of(From)}-{UtcMicroseconds.ToNameText(CaptureTimeMicroseconds)}-{Pack}{Stamp.ToNameText()}{RepositoryLayout.PackSuffix}");
    }

    public override string ToString() => ToObjectName().ToString();

    private bool IsSound =>
        !Source.IsNone && !Pack.IsNone
        && !To.Timeline.IsNone && From.Transaction < To.Transaction && From.Timeline.IsNone == From.Transaction.IsNone
        && UtcMicroseconds.IsInRange(CaptureTimeMicroseconds) && Stamp.IsSound;
}
