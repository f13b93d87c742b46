namespace BackupSidecar.Restore.Swap;

/// <summary>Puts a finished database in the place of another, or where none is yet.</summary>
/// <param name="TargetPath">Where the database belongs. Symbolic links are followed.</param>
/// <param name="StagedPath">The new database: verified, closed, without side files, in the directory of the real target (<see cref="SwapPaths"/>).</param>
/// <param name="RestoreId">Names the safety copy; letters, digits, '.', '_' and '-', at most 64.</param>
/// <param name="AppIsStopped">The operator's word that no application has the database open. Needed where SQLite's locks cannot tell.</param>
internal sealed record SwapRequest(string TargetPath, string StagedPath, string RestoreId, bool AppIsStopped)
{
    /// <summary>The new database is kept under its temporary name where a crash made the swap fail: somebody still wants it.</summary>
    public bool KeepsStaged { get; init; }
}
