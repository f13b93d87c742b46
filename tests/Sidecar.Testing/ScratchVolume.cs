namespace BackupSidecar.Testing;

/// <summary>A directory for one test, as an application's volume: every user may write to it. Disposing removes it.</summary>
internal sealed class ScratchVolume : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("backup-sidecar-");

    public ScratchVolume()
    {
        _root.UnixFileMode = EveryoneMode;
        Data = CreateOpenDirectory("data");
        CreateOpenDirectory("elsewhere");
    }

    private static UnixFileMode EveryoneMode => (UnixFileMode)0b111_111_111;

    /// <summary>Where the database is, and nothing else.</summary>
    public string Data { get; }

    public string Database => Path.Combine(Data, "app.db");

    /// <summary>A place that is not beside the database.</summary>
    public string Elsewhere(string name) => Path.Combine(_root.FullName, "elsewhere", name);

    public void Dispose() => _root.Delete(recursive: true);

    private string CreateOpenDirectory(string name)
    {
        var directory = _root.CreateSubdirectory(name);
        directory.UnixFileMode = EveryoneMode;
        return directory.FullName;
    }
}
