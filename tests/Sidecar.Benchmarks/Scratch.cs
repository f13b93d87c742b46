namespace BackupSidecar.Benchmarks;

/// <summary>A directory of our own for everything that a benchmark writes; gone when disposed.</summary>
internal sealed class Scratch : IDisposable
{
    private readonly string _folder;
    private readonly Tool _tool;

    public Scratch(string parent, Tool tool)
    {
        _folder = Directory.CreateDirectory(Path.Combine(parent, $"sidecar-benchmark-{Environment.ProcessId}")).FullName;
        _tool = tool;
    }

    public string Folder => _folder;

    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>Removes a file or a directory, if it is there.</summary>
    public void Remove(string name)
    {
        if (Directory.Exists(PathOf(name)))
        {
            Directory.Delete(PathOf(name), recursive: true);
        }
        else
        {
            File.Delete(PathOf(name));
        }
    }

    /// <summary>Bytes of all files below a directory.</summary>
    public long BytesOf(string name) =>
        Directory.Exists(PathOf(name)) ? new DirectoryInfo(PathOf(name)).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) : 0;

    /// <summary>Waits until nothing that ran before is still being written, so that it costs the next run nothing.</summary>
    public async Task SettleAsync(CancellationToken ct) => await _tool.RunAsync("sync", ["-f", _folder], ct);

    /// <summary>Reads a file into the page cache; by a process of its own, since closing a database here would drop SQLite's locks on it.</summary>
    public async Task WarmAsync(string name, CancellationToken ct) => await _tool.ShellAsync($"find '{PathOf(name)}' -type f -exec cat {{}} + > /dev/null", ct);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
