namespace BackupSidecar.Helm.Tests;

/// <summary>A folder that goes with the test.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("helm-tests-").FullName;

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <returns>The path of the file.</returns>
    public string Write(string name, string content)
    {
        var path = PathOf(name);
        _ = Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Copies a folder with all that is in it.</summary>
    /// <returns>The path of the copy.</returns>
    public string Copy(string folder, string name)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            _ = Write(System.IO.Path.Combine(name, System.IO.Path.GetRelativePath(folder, file)), File.ReadAllText(file));
        }

        return PathOf(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
