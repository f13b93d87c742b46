using System.Security.Cryptography;
using System.Text;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Sync;

/// <summary>One pack that a remote repository is to get.</summary>
/// <param name="From">Where it starts there; none: a full.</param>
/// <param name="To">The position that it makes restorable there.</param>
/// <param name="Packs">The local packs that it is made of, oldest first.</param>
/// <param name="IsCompared">True: the local packs rebuild the whole position, and what differs from <paramref name="From"/> is found by page hashes.</param>
internal sealed record SyncStep(Position From, Position To, IReadOnlyList<PackEntry> Packs, bool IsCompared)
{
    public long Bytes => Packs.Sum(pack => pack.Length);

    /// <summary>The one local pack says the same already: it is passed on block for block.</summary>
    public bool IsForwarded => !IsCompared && Packs.Count == 1;

    /// <summary>Under which the pack lies there: a forwarded one keeps its id. A merged one gets it from what it is made of (SHA-256, cut to 128 bits), so that a process that makes it again after a kill
    /// puts the same object, and its predecessor's last request, however late, creates no second one.</summary>
    /// <param name="remote">The repository that gets it.</param>
    public PackId PackIn(RepositoryId remote)
    {
        if (IsForwarded)
        {
            return Packs[0].Name.Pack;
        }

        var made = string.Join('\n', [IsCompared ? "compared" : "merged", remote.ToString(), From.ToString(), .. Packs.Select(pack => pack.Name.Pack.ToString())]);
        return PackId.Read(SHA256.HashData(Encoding.ASCII.GetBytes(made)).AsSpan(0, PackId.Size));
    }
}
