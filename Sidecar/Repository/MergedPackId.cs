using System.Security.Cryptography;
using System.Text;
using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>
/// The id of a pack that is made of others, by what it is made of: SHA-256, cut to 128 bits. So a process that makes it again after a kill puts the same object, and its predecessor's
/// last request, however late, creates no second one.
/// </summary>
internal static class MergedPackId
{
    /// <param name="how">The way in which it is made of them.</param>
    /// <param name="repository">The repository that gets it.</param>
    /// <param name="from">Where it starts there.</param>
    /// <param name="packs">What it is made of, oldest first.</param>
    public static PackId Of(string how, RepositoryId repository, Position from, IEnumerable<PackEntry> packs)
    {
        var made = string.Join('\n', [how, repository.ToString(), from.ToString(), .. packs.Select(pack => pack.Name.Pack.ToString())]);
        return PackId.Read(SHA256.HashData(Encoding.ASCII.GetBytes(made)).AsSpan(0, PackId.Size));
    }
}
