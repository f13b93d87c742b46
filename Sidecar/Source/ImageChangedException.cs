namespace BackupSidecar.Source;

/// <summary>The database changed in a way that makes what was read so far worthless. Whoever reads starts over, a bounded number of times.</summary>
internal sealed class ImageChangedException(string reason) : Exception(reason);
