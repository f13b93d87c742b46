namespace BackupSidecar.Restore.Swap;

/// <summary>The points of a swap between which something durable happens, in order. Crash tests stop at each.</summary>
internal enum SwapStep
{
    /// <summary>Nothing has changed yet.</summary>
    Begun = 0,

    /// <summary>The marker is written under its temporary name.</summary>
    MarkerWritten,

    /// <summary>The marker is in place: from here on the next command finishes or undoes.</summary>
    MarkerPublished,

    /// <summary>The old database is recovered and its log emptied; nobody else uses it.</summary>
    OldLocked,

    /// <summary>The new file has the old one's mode and owner, and is on disk.</summary>
    StagedLocked,

    /// <summary>The old database has its second name.</summary>
    SafetyCopyLinked,

    /// <summary>That name, and what the old database holds, survive a power loss.</summary>
    SafetyCopySynced,

    /// <summary>The first side file is gone from its name.</summary>
    FirstSideFileRemoved,

    /// <summary>All side files are gone from their names.</summary>
    SideFilesRemoved,

    /// <summary>And stay gone after a power loss.</summary>
    SideFilesSynced,

    /// <summary>The new database has the name.</summary>
    Renamed,

    /// <summary>And keeps it after a power loss.</summary>
    RenameSynced,

    /// <summary>Applications can open the new database; nobody the old.</summary>
    NewReleased,

    /// <summary>Nobody is left who opened the old database by the name.</summary>
    OldReleased,

    /// <summary>The marker is gone.</summary>
    MarkerRemoved,
}
