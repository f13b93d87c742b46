namespace BackupSidecar.AspireHosting;

/// <summary>
/// What this integration and the sidecar must agree on: variables, places, ports, paths. Without a type of Aspire, so that tests which run everywhere hold it against the program itself.
/// </summary>
internal static class SidecarNames
{
    /// <summary>The command that follows databases until SIGTERM.</summary>
    public const string ServeCommand = "serve";

    /// <summary>The name that an app's client looks for among the connection strings, and so the name of the resource to choose.</summary>
    public const string ConnectionName = "backup";

    /// <summary>Keys of the connection string.</summary>
    public const string EndpointKey = "Endpoint";

    /// <inheritdoc cref="EndpointKey"/>
    public const string SourceKey = "Source";

    public const string UnixScheme = "unix:";

    /// <summary>The image that the Dockerfile of this repository makes; none is published.</summary>
    public const string Image = "backup-sidecar";

    public const string ImageTag = "latest";

    /// <summary>Folders of the image that belong to its user.</summary>
    public const string DataFolder = "/data";

    /// <inheritdoc cref="DataFolder"/>
    public const string RepositoryFolder = "/backups";

    /// <inheritdoc cref="DataFolder"/>
    public const string StateFolder = "/state";

    /// <inheritdoc cref="DataFolder"/>
    public const string RunFolder = "/run/backup-sidecar";

    public const string SocketFile = "sidecar.sock";

    /// <summary>The socket of those who may do everything, in the state directory.</summary>
    public const string OperatorSocket = "operator/" + SocketFile;

    /// <summary>Bytes that Linux allows for the path of a socket.</summary>
    public const int SocketPathBytesMax = 107;

    /// <summary>Ports inside a container.</summary>
    public const int MonitorPort = 9090;

    /// <inheritdoc cref="MonitorPort"/>
    public const int HealthGrpcPort = 9091;

    public const string ReadinessPath = "/readyz";
    public const string MetricsPath = "/metrics";

    public const string RepositoryPath = "BACKUPSIDECAR__REPOSITORY__PATH";
    public const string StatePath = "BACKUPSIDECAR__STATE__PATH";
    public const string AppSocket = "BACKUPSIDECAR__SERVICE__APP_SOCKET";
    public const string MonitorListen = "BACKUPSIDECAR__SERVICE__MONITOR_LISTEN";
    public const string MonitorGrpcListen = "BACKUPSIDECAR__SERVICE__MONITOR_GRPC_LISTEN";
    public const string ShutdownDeadline = "BACKUPSIDECAR__SHUTDOWN__DEADLINE";

    /// <summary>What the end of the app host leaves for the final capture: longer, and the orchestrator kills it.</summary>
    public const string ShutdownDeadlineValue = "8s";

    public const string DriveKindJson = "json";
    public const string DriveKindAccessToken = "accesstoken";

    /// <summary>What an app ends with that wants to be started again, since a restore waits for it.</summary>
    public const int RestartExitCode = 75;

    /// <summary>Names of the commands in the dashboard, and of their inputs.</summary>
    public const string BackUpCommand = "back-up";

    /// <inheritdoc cref="BackUpCommand"/>
    public const string VerifyCommand = "verify";

    /// <inheritdoc cref="BackUpCommand"/>
    public const string RestoreCommand = "restore";

    /// <inheritdoc cref="BackUpCommand"/>
    public const string SourceInput = "source";

    /// <inheritdoc cref="BackUpCommand"/>
    public const string PointInput = "point";

    /// <summary>What a backup is labelled with that somebody asked for in the dashboard.</summary>
    public const string BackupLabel = "asked for in the dashboard";

    /// <summary>The image that the Dockerfile of the sample app makes, and where the app listens in it.</summary>
    public const string NotesImage = "backup-sidecar-notes";

    /// <inheritdoc cref="NotesImage"/>
    public const int NotesPort = 5000;

    /// <summary>Options of <see cref="AddDriveRepository"/>: make a folder of that name; take the one with that id; ask an emulator.</summary>
    public const string NewFolderOption = "--drive";

    /// <inheritdoc cref="NewFolderOption"/>
    public const string FolderOption = "--folder";

    /// <inheritdoc cref="NewFolderOption"/>
    public const string EndpointOption = "--endpoint";

    /// <summary>What sources and repositories may be called.</summary>
    public const string NameRule = "1 to 64 letters, digits, '.', '_' or '-' of ASCII, not '.' or '-' first";

    /// <summary>Whether <see cref="NameRule"/> allows it.</summary>
    public static bool IsName(string? name) => name is { Length: > 0 and <= 64 } && name[0] is not ('.' or '-') && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    public static string SourceName(int index) => $"BACKUPSIDECAR__SOURCES__{index}__NAME";

    public static string SourcePath(int index) => $"BACKUPSIDECAR__SOURCES__{index}__PATH";

    public static string SourceStartEmpty(int index) => $"BACKUPSIDECAR__SOURCES__{index}__START_EMPTY";

    public static string RemoteName(int index) => $"BACKUPSIDECAR__REMOTES__{index}__NAME";

    public static string RemoteInterval(int index) => $"BACKUPSIDECAR__REMOTES__{index}__INTERVAL";

    public static string DriveFolder(int index) => $"BACKUPSIDECAR__REMOTES__{index}__DRIVE__FOLDER";

    public static string DriveSharedDrive(int index) => $"BACKUPSIDECAR__REMOTES__{index}__DRIVE__SHARED_DRIVE";

    public static string DriveCredentialVariable(int index) => $"BACKUPSIDECAR__REMOTES__{index}__DRIVE__CREDENTIAL_VARIABLE";

    public static string DriveCredentialKind(int index) => $"BACKUPSIDECAR__REMOTES__{index}__DRIVE__CREDENTIAL_KIND";

    public static string DriveEndpoint(int index) => $"BACKUPSIDECAR__REMOTES__{index}__DRIVE__ENDPOINT";

    /// <summary>The variable that holds the credential itself.</summary>
    public static string DriveCredential(int index) => $"GOOGLE_DRIVE_CREDENTIAL_{index}";

    /// <summary>The command that makes a repository in a folder of Google Drive, or finds the one that is there.</summary>
    /// <param name="name">Of the repository.</param>
    /// <param name="tokenVariable">The variable that holds an access token.</param>
    public static string[] AddDriveRepository(string name, string tokenVariable) => ["repository", "add", "--name", name, "--credential-variable", tokenVariable, "--kind", "access-token"];
}
