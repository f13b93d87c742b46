namespace BackupSidecar.Tests.Proof;

/// <summary>The files of a directory, remembered.</summary>
internal sealed class DirectoryContent
{
    private readonly Dictionary<string, byte[]> _files = [];

    private DirectoryContent()
    {
    }

    public static DirectoryContent Of(string directory)
    {
        var content = new DirectoryContent();
        if (Directory.Exists(directory))
        {
            foreach (var path in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
            {
                content._files.Add(Path.GetRelativePath(directory, path), File.ReadAllBytes(path));
            }
        }

        return content;
    }

    /// <summary>Makes a directory hold these files and no other.</summary>
    public void WriteTo(string directory)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }

        foreach (var (name, bytes) in _files)
        {
            var path = Path.Combine(directory, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, bytes);
        }
    }
}
