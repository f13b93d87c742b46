using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace BackupSidecar.AspireHosting;

/// <summary>Where everything of one sidecar lies, and what it follows. It is asked when resources start or are published, so that the order of calls on the builder does not matter.</summary>
/// <param name="name">Of the resource.</param>
/// <param name="home">A directory of this machine that everything lies in which has no place of its own; absolute.</param>
/// <param name="isPublished">No resource starts here.</param>
internal sealed class SidecarLayout(string name, string home, bool isPublished) : IResourceAnnotation
{
    private string _home = home;

    public bool IsPublished => isPublished;

    public List<SidecarDatabase> Databases { get; } = [];

    public List<GoogleDriveRepository> Drives { get; } = [];

    /// <summary>Null: in the home.</summary>
    public SidecarPlace? ChosenData { get; set; }

    /// <inheritdoc cref="ChosenData"/>
    public SidecarPlace? ChosenRepository { get; set; }

    public SidecarPlace Data => ChosenData ?? InHome(SidecarNames.DataFolder, "data");

    public SidecarPlace Repository => ChosenRepository ?? (HasVolumes ? OnVolume(SidecarNames.RepositoryFolder, "backups") : InHome(SidecarNames.RepositoryFolder, "backups"));

    public SidecarPlace State => HasVolumes ? OnVolume(SidecarNames.StateFolder, "state") : InHome(SidecarNames.StateFolder, "state");

    /// <summary>The app's socket is here, which the app needs and the operators' socket not: so a folder of its own.</summary>
    public SidecarPlace Run => HasVolumes ? OnVolume(SidecarNames.RunFolder, "run") : InHome(SidecarNames.RunFolder, "run");

    /// <summary>A volume belongs to the user of the image, a directory of this machine to the developer. A container has one user: with the data on a volume everything is on volumes.</summary>
    public bool HasVolumes => ChosenData is { HostPath: null };

    public PlacedPath AppSocket => Run.Of(SidecarNames.SocketFile, isPublished);

    /// <summary>The socket of those who may do everything, on this machine; null: nothing of this machine can reach it.</summary>
    public string? OperatorSocket => isPublished || State.HostPath is not { } state ? null : Path.Combine(state, SidecarNames.OperatorSocket);

    public static SidecarLayout Of(IResource resource) => resource.Annotations.OfType<SidecarLayout>().LastOrDefault()
        ?? throw new InvalidOperationException($"'{resource.Name}' was not added by AddBackupSidecar or AddBackupSidecarProject: use one of them.");

    public void MoveTo(string home) => _home = home;

    public SidecarPlace OnVolume(string containerPath, string purpose) => new(containerPath, VolumeName(purpose), HostPath: null);

    public SidecarPlace InDirectory(string containerPath, string purpose, string path) => new(containerPath, VolumeName(purpose), path);

    /// <param name="source">Which database is the app's; null: it does not say, which will do where there is only one.</param>
    public ReferenceExpression ConnectionString(string? source) => source is null
        ? ReferenceExpression.Create($"{SidecarNames.EndpointKey}={SidecarNames.UnixScheme}{AppSocket.Expression}")
        : ReferenceExpression.Create($"{SidecarNames.EndpointKey}={SidecarNames.UnixScheme}{AppSocket.Expression};{SidecarNames.SourceKey}={source}");

    public IEnumerable<KeyValuePair<string, ReferenceExpression>> ConnectionProperties() => [new(SidecarNames.EndpointKey, ReferenceExpression.Create($"{SidecarNames.UnixScheme}{AppSocket.Expression}"))];

    /// <exception cref="InvalidOperationException">There is no such database.</exception>
    public SidecarDatabase Find(string database) => Databases.FirstOrDefault(known => known.Name == database)
        ?? throw new InvalidOperationException(
            $"'{name}' follows no database '{database}'{(Databases.Count == 0 ? "" : $", only {string.Join(", ", Databases.Select(known => $"'{known.Name}'"))}")}: add it by WithDatabase before.");

    /// <summary>Makes the directories of this machine, since a mount of one that is missing would be made as root's.</summary>
    /// <exception cref="InvalidOperationException">Nothing is followed, the path of a socket is longer than Linux allows, or places of two users are mixed.</exception>
    public void Prepare()
    {
        if (Databases.Count == 0)
        {
            throw new InvalidOperationException($"'{name}' follows no database: add one by WithDatabase.");
        }

        if (HasVolumes && Repository.HostPath is { } directory)
        {
            throw new InvalidOperationException(
                $"The data of '{name}' lies on a volume, which belongs to the user of the image, and its repository in {directory}, which does not: leave WithRepositoryDirectory away, or use WithDataDirectory in place of WithDataVolume.");
        }

        foreach (var socket in (string?[])[AppSocket.HostPath, OperatorSocket])
        {
            if (socket is not null && Encoding.UTF8.GetByteCount(socket) is var bytes && bytes > SidecarNames.SocketPathBytesMax)
            {
                throw new InvalidOperationException(
                    $"The socket {socket} of '{name}' has a path of {bytes} bytes, and Linux allows {SidecarNames.SocketPathBytesMax}: choose a shorter folder by WithHomeDirectory.");
            }
        }

        // State and sockets are nobody else's: whoever reaches the operators' socket may restore over the database.
        foreach (var place in (SidecarPlace[])[Data, Repository, State, Run])
        {
            if (place.HostPath is { } path)
            {
                _ = OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
    }

    private string VolumeName(string purpose) => $"{name}-{purpose}";

    private SidecarPlace InHome(string containerPath, string purpose) => InDirectory(containerPath, purpose, Path.Combine(_home, purpose));
}
