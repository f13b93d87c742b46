namespace BackupSidecar.DriveEmulator.Listing;

/// <summary>How lists differ from the truth. The default is that they do not.</summary>
public sealed record ListingBehaviour
{
    /// <summary>A new, changed or deleted file shows in lists only this many seconds later, by the emulator's clock.</summary>
    public double LagSeconds { get; init; }

    /// <summary>And only after this many lists have been asked for, further pages not counted.</summary>
    public int LagLists { get; init; }

    /// <summary>The part of all pages that come empty, with a token for the next one; 0 to 1.</summary>
    public double EmptyPages { get; init; }

    /// <summary>Entries in every list, if it has any, that no get finds.</summary>
    public int Phantoms { get; init; }

    /// <summary>The part of all entries that a list leaves out; the next list may show them. 0 to 1.</summary>
    public double Missing { get; init; }

    /// <summary>The part of all entries that come a second time, on the same page or a later one; 0 to 1.</summary>
    public double Repeated { get; init; }

    /// <summary>The order is any, whatever orderBy says.</summary>
    public bool Disorder { get; init; }

    /// <summary>With one list at a time the same seed gives the same lists.</summary>
    public int Seed { get; init; }

    /// <exception cref="ArgumentException">A member is out of range.</exception>
    internal void Validate()
    {
        double[] parts = [EmptyPages, Missing, Repeated];
        if (!(LagSeconds >= 0) || LagLists < 0 || Phantoms < 0 || parts.Any(part => !(part is >= 0 and <= 1)))
        {
            throw new ArgumentException("A listing has lags and phantoms of 0 or more; emptyPages, missing and repeated are from 0 to 1.");
        }
    }
}
