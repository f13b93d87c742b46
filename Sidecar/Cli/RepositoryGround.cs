using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Source;

namespace BackupSidecar.Cli;

/// <summary>Where nothing else may be written: a database or another repository among the objects of a repository would damage it, or be taken for one of them.</summary>
internal static class RepositoryGround
{
    /// <param name="path">Of a file that will be written, links followed.</param>
    /// <param name="directories">Where backups or their state lie, also where they are still empty.</param>
    /// <exception cref="OperatorException">The file lies in one of them, or in some repository.</exception>
    public static void EnsureOutside(string path, IEnumerable<string> directories)
    {
        var place = RealPath(path);
        if (directories.Select(RealPath).FirstOrDefault(directory => IsWithin(place, directory)) is { } own)
        {
            throw Inside(path, own, "which holds backups or the state of the sidecar");
        }

        EnsureInNoRepository(path);
    }

    /// <param name="path">It may be a repository itself.</param>
    /// <exception cref="OperatorException">A directory above it is a repository.</exception>
    public static void EnsureInNoRepository(string path)
    {
        for (var above = Path.GetDirectoryName(RealPath(path)); above is not null; above = Path.GetDirectoryName(above))
        {
            if (IsRepository(above))
            {
                throw Inside(path, above, "which is a repository");
            }
        }
    }

    private static OperatorException Inside(string path, string directory, string what) => new(
        FailureKind.Failed, $"{path} lies in {directory}, {what}.", "Nothing was written. Name a place outside of it: what lies there must be changed by the sidecar alone.");

    private static bool IsWithin(string path, string directory) =>
        path == directory || path.StartsWith(directory.EndsWith('/') ? directory : directory + '/', StringComparison.Ordinal);

    /// <summary>An app may have a file of that name; damaged as it is, it is still one of ours where the packs lie beside it.</summary>
    private static bool IsRepository(string directory)
    {
        var config = Path.Join(directory, RepositoryLayout.Config.ToString());
        if (!File.Exists(config))
        {
            return false;
        }

        try
        {
            _ = RepositoryConfig.Parse(File.ReadAllBytes(config), directory);
            return true;
        }
        catch (Exception e) when (e is OperatorException or IOException or UnauthorizedAccessException)
        {
            return Directory.Exists(Path.Join(directory, RepositoryLayout.PackFolder));
        }
    }

    /// <summary>Of what is not there yet, as far as it is.</summary>
    private static string RealPath(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return NativeFile.RealPath(full) ?? (Path.GetDirectoryName(full) is { } above ? Path.Join(RealPath(above), Path.GetFileName(full)) : full);
    }
}
