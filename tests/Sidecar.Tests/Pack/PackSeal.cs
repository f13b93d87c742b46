using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace BackupSidecar.Tests.Pack;

/// <summary>Makes the digests of a pack fit what is in it: what an attacker, or a writer with a fault, would leave.</summary>
internal static class PackSeal
{
    /// <summary>Header and trailer, as far as the trailer still says where the index is.</summary>
    public static void Renew(Span<byte> pack)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(pack[240..], XxHash128.HashToUInt128(pack[..240]));
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(pack[..256]);
        var index = BinaryPrimitives.ReadInt64LittleEndian(pack[^120..]);
        if (index >= 256 && index <= pack.Length - 128)
        {
            digest.AppendData(pack[(int)index..^128]);
        }

        digest.AppendData(pack[^128..^32]);
        digest.GetHashAndReset(pack[^32..]);
    }

    public static void RenewFirstBlock(Span<byte> pack)
    {
        var index = (int)BinaryPrimitives.ReadInt64LittleEndian(pack[^120..]);
        var length = BinaryPrimitives.ReadInt32LittleEndian(pack[(index + 8)..]);
        BinaryPrimitives.WriteUInt128LittleEndian(pack[(index + 32)..], XxHash128.HashToUInt128(pack.Slice(256, length)));
    }
}
