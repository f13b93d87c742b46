namespace BackupSidecar.Pack;

/// <summary>How blocks are sealed. Part of the pack format; only <see cref="None"/> exists in version 1 so far.</summary>
internal enum PackCipher : ushort
{
    None = 0,
}
