using System.Globalization;
using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>The name of a mark: which backup, when it was set, and what became of the backup. One listing tells the state of every backup.</summary>
/// <remarks><code>marks/SOURCE/BACKUP-SETUS-STATE.json</code> Hexadecimal, lowercase, of fixed width; the state in words; a stamp may stand at the end (<see cref="WriterStamp"/>).</remarks>
internal readonly record struct BackupMarkName(SourceId Source, BackupId Backup, long SetAtMicroseconds, BackupMarkState State)
{
    private const int FieldCount = 3;

    /// <summary>Of the writer that put it.</summary>
    public WriterStamp Stamp { get; init; }

    public DateTimeOffset SetAt => UtcMicroseconds.ToTime(SetAtMicroseconds);

    public static bool TryParse(ObjectName name, out BackupMarkName markName)
    {
        markName = default;
        var text = name.ToString();
        if (!NameFields.TrySplit(text, RepositoryLayout.MarkFolder, RepositoryLayout.MarkSuffix, FieldCount, out var fields))
        {
            return false;
        }

        if (!BackupId.TryParse(fields[0], out var backup)
            || !UtcMicroseconds.TryParseName(fields[1], out var setAt)
            || StateOf(fields[2]) is not { } state)
        {
            return false;
        }

        markName = new BackupMarkName(fields.Source, backup, setAt, state) { Stamp = fields.Stamp };
        return markName.IsSound && markName.ToObjectName().ToString() == text;
    }

    public ObjectName ToObjectName()
    {
        if (!IsSound)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"A mark cannot be named for backup {Backup}, {State} at {SetAtMicroseconds} µs."));
        }

        return ObjectName.Parse($"{RepositoryLayout.MarksOf(Source)}{Backup}-{UtcMicroseconds.ToNameText(SetAtMicroseconds)}-{TextOf(State)}{Stamp.ToNameText()}{RepositoryLayout.MarkSuffix}");
    }

    public override string ToString() => ToObjectName().ToString();

    private bool IsSound => !Source.IsNone && !Backup.IsNone && UtcMicroseconds.IsInRange(SetAtMicroseconds) && State is BackupMarkState.Kept or BackupMarkState.Pinned or BackupMarkState.Deleted && Stamp.IsSound;

    private static BackupMarkState? StateOf(ReadOnlySpan<char> text) => text switch
    {
        "kept" => BackupMarkState.Kept,
        "pinned" => BackupMarkState.Pinned,
        "deleted" => BackupMarkState.Deleted,
        _ => null,
    };

    private static string TextOf(BackupMarkState state) => state switch
    {
        BackupMarkState.Pinned => "pinned",
        BackupMarkState.Deleted => "deleted",
        _ => "kept",
    };
}
