namespace BackupSidecar.Source;

/// <summary>One consistent state of a database, readable page by page while the app goes on. Disposing it lets go of every lock.</summary>
internal interface IDatabaseImage : IDisposable
{
    ImageFacts Facts { get; }

    /// <summary>False if the image was made from what differs from a baseline, and this page is as the baseline has it: it cannot be read here.</summary>
    bool Holds(uint page) => true;

    /// <summary>The longest time without a break for which the database was held, of an image that is read in windows; null: it is held from opening to disposing.</summary>
    TimeSpan? LongestHold => null;

    /// <summary>True: as long as it is open, an app's commits, or its checkpoints that start the log anew, wait for it.</summary>
    bool KeepsAppWaiting => false;

    /// <summary>Reads whole pages from <paramref name="firstPage"/> on (numbered from 1). Safe in parallel.</summary>
    /// <exception cref="ImageChangedException">The state is gone; start over.</exception>
    void ReadPages(uint firstPage, Span<byte> destination);

    /// <summary>To be called after the last read: what was read is one state of the file that the path still names, or this throws.</summary>
    /// <exception cref="ImageChangedException">It is not; start over.</exception>
    void EnsureUnchanged();
}
