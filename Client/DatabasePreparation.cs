namespace BackupSidecar.Client;

/// <summary>Which database an app was given.</summary>
public enum DatabasePreparation
{
    /// <summary>Nothing was prepared: a design-time tool runs the program.</summary>
    Skipped = 0,

    /// <summary>The one that was there.</summary>
    Existing = 1,

    /// <summary>A restore has been put in place.</summary>
    Restored = 2,

    /// <summary>A restore that was not confirmed, or was undone, has been taken back: the database from before it is there again.</summary>
    RolledBack = 3,

    /// <summary>There is none, and no backup of it: the app may begin with an empty one.</summary>
    Empty = 4,

    /// <summary>No sidecar was reached, and <see cref="WhenUnreachable.OpenExisting"/> lets the app open the one that is there.</summary>
    WithoutSidecar = 5,
}
