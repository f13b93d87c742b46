namespace BackupSidecar.Lifecycle;

/// <summary>The restores of one source, and what was known of its app last.</summary>
/// <param name="Version">1.</param>
/// <param name="Source">The name of the source.</param>
/// <param name="AppVersion">As the app said it last; empty: never.</param>
/// <param name="Restores">Newest first. All but the first have ended. Past <see cref="RestoresMax"/> only those whose safety copy is still there.</param>
internal sealed record SourceRestores(int Version, string Source, string AppVersion, IReadOnlyList<RestoreRecord> Restores)
{
    public const int CurrentVersion = 1;

    public const int RestoresMax = 10;

    public static SourceRestores NoneOf(string source) => new(CurrentVersion, source, "", []);

    public RestoreRecord? Newest => Restores.Count == 0 ? null : Restores[0];

    /// <summary>The one that has not ended.</summary>
    public RestoreRecord? Current => Newest is { HasEnded: false } newest ? newest : null;

    public RestoreRecord? Find(string id) => Restores.FirstOrDefault(restore => restore.Id == id);

    /// <summary>With this one in the place of the one with its id, or as the newest.</summary>
    public SourceRestores With(RestoreRecord restore) => this with
    {
        Restores = Find(restore.Id) is null
            ? [restore, .. Restores.Where((other, i) => i < RestoresMax - 1 || other.SafetyCopy is not null)]
            : [.. Restores.Select(other => other.Id == restore.Id ? restore : other)],
    };
}
