namespace BackupSidecar.Store;

/// <summary>A part of an object that is being fetched, or was. Its gate is the object's.</summary>
internal sealed class ReadAheadPiece(byte[] buffer)
{
    public byte[] Buffer => buffer;

    /// <summary>Completed when it is there; faulted where it could not be had.</summary>
    public required Task Fetched { get; init; }

    /// <summary>Reads that wait for it or copy from it.</summary>
    public int Users { get; set; }

    /// <summary>True: its memory is to be given back by the last one who uses it.</summary>
    public bool IsDropped { get; set; }
}
