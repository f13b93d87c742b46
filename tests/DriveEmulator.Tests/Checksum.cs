using System.Security.Cryptography;

namespace BackupSidecar.DriveEmulator.Tests;

/// <summary>The checksum that Drive shows.</summary>
internal static class Checksum
{
#pragma warning disable CA5351 // Drive has it; nothing rests on it that an attacker could gain from.
    public static string Md5(byte[] content) => Convert.ToHexStringLower(MD5.HashData(content));
#pragma warning restore CA5351
}
