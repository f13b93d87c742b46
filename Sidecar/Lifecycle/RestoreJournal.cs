using BackupSidecar.Ledger;
using BackupSidecar.Primitives;
using BackupSidecar.Restore.Swap;

namespace BackupSidecar.Lifecycle;

/// <summary>The file that remembers the restores of a source over restarts: <c>restores/NAME.json</c> in the state directory.</summary>
/// <remarks>
/// A <see cref="RecordFile{T}"/>. Each state is on the disk before what it announces is done. Where state and files disagree after a crash, the files are right:
/// see <see cref="DatabaseExchange"/>.
/// </remarks>
internal sealed class RestoreJournal(string directory, string source)
{
    private readonly RecordFile<SourceRestores> _file = new(
        System.IO.Path.Join(directory, $"{source}.json"), $"the restores of source '{source}'", SourceRestoresJson.Default.SourceRestores, FileNames.SyncDirectory);

    public string Path => _file.Path;

    /// <exception cref="OperatorException">It is damaged, or of a newer program, or cannot be read.</exception>
    public SourceRestores Read()
    {
        SourceRestores? restores;
        try
        {
            restores = _file.Read();
        }
        catch (OperatorException e) when (e.Kind == FailureKind.UnsafeEnvironment)
        {
            throw Damaged();
        }

        return restores is null ? SourceRestores.NoneOf(source) : IsSound(restores) ? restores : throw Damaged();
    }

    /// <summary>Returns when it survives a power loss.</summary>
    /// <exception cref="OperatorException">It cannot be written.</exception>
    public void Write(SourceRestores restores) => _file.Write(restores);

    private bool IsSound(SourceRestores restores) =>
        restores.Version == SourceRestores.CurrentVersion
        && restores.Source == source
        && restores.Restores.All(restore => restore.IsSound)
        && restores.Restores.Skip(1).All(restore => restore.HasEnded);

    private OperatorException Damaged() => new(
        FailureKind.UnsafeEnvironment,
        $"'{Path}' should tell which restores of source '{source}' there were, but it is damaged or of another version of this program.",
        "Nothing was changed. If no restore of the source is under way (no file named '….restoring-…' beside the database, and the right database in place), move it away; otherwise bring it back from a backup, or run the version that wrote it.");
}
