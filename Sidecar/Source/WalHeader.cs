namespace BackupSidecar.Source;

/// <summary>A valid header of a write-ahead log. Its checksum starts the running checksum of the frames.</summary>
internal readonly record struct WalHeader(int PageSizeBytes, ulong Salts, WalChecksum Checksum, bool IsBigEndian, uint FormatVersion);
