namespace BackupSidecar.Backup;

/// <summary>Where a baseline's page hashes come from.</summary>
internal enum BaselineOrigin
{
    /// <summary>The local table was of the repository's newest position. Only then its log position may be used.</summary>
    Local,

    /// <summary>The local table was a few packs behind, as after a kill between publishing and keeping the hashes, and was brought up by their page indexes.</summary>
    RolledForward,

    /// <summary>The local table was missing, torn or of something else, and all page indexes were read.</summary>
    Rebuilt,
}
