namespace BackupSidecar.Source;

/// <summary>Warns about file systems on which SQLite's locks or shared memory are known to fail between hosts or processes.</summary>
internal static class FileSystemWarning
{
    /// <summary>Magic numbers of statfs(2), from linux/magic.h and the file systems' own sources.</summary>
    private static readonly Dictionary<long, string> Doubtful = new()
    {
        [0x6969] = "NFS",
        [0x517B] = "SMB",
        [0xFF534D42] = "CIFS",
        [0xFE534D42] = "SMB 2",
        [0x65735546] = "FUSE or virtiofs",
        [0x01021997] = "9p",
        [0x00C36400] = "Ceph",
        [0x0BD00BD0] = "Lustre",
        [0x5346414F] = "AFS",
        [0x01161970] = "GFS2",
        [0x47504653] = "GPFS",
    };

    /// <returns>One sentence, or null on a file system without known trouble.</returns>
    public static string? For(string path) => NativeFile.FileSystemMagic(path) is { } magic ? For(path, magic) : null;

    /// <param name="path">For the sentence.</param>
    /// <param name="magic">As statfs gives it; some systems sign-extend it.</param>
    public static string? For(string path, long magic) =>
        Doubtful.TryGetValue(magic & 0xFFFFFFFF, out var name)
            ? $"{path} lies on {name}: SQLite's locks and shared memory are not reliable there between hosts. Keep the database on a local file system."
            : null;
}
