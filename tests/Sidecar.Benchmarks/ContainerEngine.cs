namespace BackupSidecar.Benchmarks;

/// <summary>Containers of the image that is measured, hardened as its documentation says, with directories of the scratch place as volumes.</summary>
/// <param name="user">Uid and gid of whoever owns the scratch place.</param>
internal sealed class ContainerEngine(string image, string user, Tool tool, Scratch scratch)
{
    /// <summary>Directories of a place in the scratch, each mounted as a directory of the root.</summary>
    public static readonly string[] Volumes = ["data", "backups", "state"];

    public string Image => image;

    /// <returns>The container's id.</returns>
    public async Task<string> CreateAsync(string place, IEnumerable<string> options, IEnumerable<string> arguments, CancellationToken ct) => await DockerAsync(
        [
            "create", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", user,
            .. Volumes.SelectMany(volume => (string[])["--volume", $"{scratch.PathOf(Path.Combine(place, volume))}:/{volume}"]),
            .. options, image, .. arguments,
        ],
        ct);

    /// <summary>From the call of docker until its answer, which comes when the program runs, or with <paramref name="toEnd"/> when it has ended.</summary>
    public async Task<TimeSpan> StartAsync(string container, bool toEnd, CancellationToken ct) =>
        (await tool.RunAsync("docker", ["start", .. toEnd ? (string[])["--attach"] : [], container], ct)).Duration;

    public Task RemoveAsync(string container) => DockerAsync(["rm", "--force", container], CancellationToken.None);

    public Task<string> InspectAsync(string container, string format, CancellationToken ct) => DockerAsync(["inspect", "--format", format, container], ct);

    /// <returns>What it printed, without the last line break.</returns>
    public async Task<string> DockerAsync(IEnumerable<string> arguments, CancellationToken ct) => (await tool.RunAsync("docker", arguments, ct)).Output.Trim();
}
