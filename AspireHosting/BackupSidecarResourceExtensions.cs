using Aspire.Hosting.ApplicationModel;

namespace BackupSidecar.AspireHosting;

/// <summary>What a sidecar follows, and where it keeps everything.</summary>
public static class BackupSidecarResourceExtensions
{
    /// <summary>Follows a database: a file in the folder of <see cref="WithDataDirectory"/> or <see cref="WithDataVolume"/>. It need not exist yet.</summary>
    /// <param name="builder">Of the sidecar.</param>
    /// <param name="name">Of the source: 1 to 64 letters, digits, '.', '_' or '-' of ASCII, not '.' or '-' first.</param>
    /// <param name="fileName">Of the file, without a folder. Default: the name with <c>.db</c>.</param>
    /// <param name="startEmpty">True: where there is no database and no backup, the app may begin with an empty one. With false it is refused then, which shows a volume that is not mounted. Default: true.</param>
    /// <exception cref="ArgumentException">The name or the file name is none, or the name is there twice.</exception>
    public static IResourceBuilder<IBackupSidecarResource> WithDatabase(this IResourceBuilder<IBackupSidecarResource> builder, string name, string? fileName = null, bool startEmpty = true)
    {
        ArgumentNullException.ThrowIfNull(builder);
        RequireName(name, nameof(name));
        var layout = SidecarLayout.Of(builder.Resource);
        fileName ??= name + ".db";
        if (fileName.Length == 0 || fileName is "." or ".." || fileName.Contains('/', StringComparison.Ordinal) || fileName.Contains('\\', StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{fileName}' is no name of a file: leave its folder away, which WithDataDirectory or WithDataVolume names.", nameof(fileName));
        }

        if (layout.Databases.Any(known => known.Name == name || known.FileName == fileName))
        {
            throw new ArgumentException($"'{builder.Resource.Name}' follows a database '{name}' or a file '{fileName}' already: each is added once.", nameof(name));
        }

        layout.Databases.Add(new SidecarDatabase(name, fileName, startEmpty));
        return builder;
    }

    /// <summary>The path of a database that <see cref="WithDatabase"/> added, as the resource sees it that gets it: <c>app.WithEnvironment("Database", backup.GetDatabasePath("notes"))</c>.</summary>
    /// <param name="builder">Of the sidecar.</param>
    /// <param name="name">Of the database.</param>
    /// <exception cref="InvalidOperationException">There is no such database.</exception>
    public static ReferenceExpression GetDatabasePath(this IResourceBuilder<IBackupSidecarResource> builder, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var layout = SidecarLayout.Of(builder.Resource);
        return layout.Data.Of(layout.Find(name).FileName, layout.IsPublished).Expression;
    }

    /// <summary>The directory of this machine in which data, backups, state and sockets lie that have no place of their own. Default: <c>.data/NAME</c> beside the app host.</summary>
    /// <param name="builder">Of the sidecar.</param>
    /// <param name="path">Relative to the app host. Paths of sockets below it have 107 bytes at most.</param>
    public static IResourceBuilder<IBackupSidecarResource> WithHomeDirectory(this IResourceBuilder<IBackupSidecarResource> builder, string path)
    {
        ArgumentNullException.ThrowIfNull(builder);
        SidecarLayout.Of(builder.Resource).MoveTo(FullPath(builder, path));
        return builder;
    }

    /// <summary>The databases lie in a directory of this machine, which the app has, too: as it is, or mounted at <c>/data</c>. What is published is a volume.</summary>
    /// <param name="builder">Of the sidecar.</param>
    /// <param name="path">Relative to the app host; on a file system of this machine, since SQLite's locks are needed.</param>
    public static IResourceBuilder<IBackupSidecarResource> WithDataDirectory(this IResourceBuilder<IBackupSidecarResource> builder, string path)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var layout = SidecarLayout.Of(builder.Resource);
        layout.ChosenData = layout.InDirectory(SidecarNames.DataFolder, "data", FullPath(builder, path));
        return builder;
    }

    /// <summary>
    /// The databases lie on a volume that the app mounts, too, at <c>/data</c>: for a sidecar and an app in containers. State and sockets lie on volumes then, which nothing of this machine reaches: the commands of the dashboard are switched off.
    /// </summary>
    /// <param name="builder">Of the sidecar.</param>
    /// <param name="name">Of the volume. Default: the name of the resource with <c>-data</c>.</param>
    /// <exception cref="InvalidOperationException">The sidecar runs as a process of this machine.</exception>
    public static IResourceBuilder<IBackupSidecarResource> WithDataVolume(this IResourceBuilder<IBackupSidecarResource> builder, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var layout = SidecarLayout.Of(builder.Resource);
        layout.ChosenData = Volume(builder, layout.OnVolume(SidecarNames.DataFolder, "data"), name, nameof(WithDataDirectory));
        return builder;
    }

    /// <summary>The repository lies in a directory of this machine: on another disk than the data, if there is one. Not with <see cref="WithDataVolume"/>. What is published is a volume.</summary>
    /// <param name="builder">Of the sidecar.</param>
    /// <param name="path">Relative to the app host.</param>
    public static IResourceBuilder<IBackupSidecarResource> WithRepositoryDirectory(this IResourceBuilder<IBackupSidecarResource> builder, string path)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var layout = SidecarLayout.Of(builder.Resource);
        layout.ChosenRepository = layout.InDirectory(SidecarNames.RepositoryFolder, "backups", FullPath(builder, path));
        return builder;
    }

    /// <summary>
    /// Feeds a folder of Google Drive from the repository of the sidecar. <c>backup-sidecar repository add --drive NAME</c> makes the folder, once, and prints its id.
    /// </summary>
    /// <param name="builder">Of the sidecar.</param>
    /// <param name="name">How status and commands name it: as a source, and not <c>local</c>.</param>
    /// <param name="folder">The id of the folder.</param>
    /// <param name="credential">A secret parameter: the JSON that <c>backup-sidecar drive login</c> writes, or the key of a service account. It reaches the sidecar as a variable, and stands in no message or log.</param>
    /// <param name="sharedDrive">The id of the shared drive that the folder lies in; null: the account's own drive.</param>
    /// <param name="interval">How often it is fed, such as <c>30s</c>: 5s to 1d. Default: one minute.</param>
    /// <exception cref="ArgumentException">The credential is no secret, or the name is none or there twice.</exception>
    public static IResourceBuilder<IBackupSidecarResource> WithGoogleDrive(
        this IResourceBuilder<IBackupSidecarResource> builder, string name, IValueProvider folder, IResourceBuilder<ParameterResource> credential, string? sharedDrive = null, string? interval = null)
    {
        ArgumentNullException.ThrowIfNull(credential);
        return AddDrive(builder, new GoogleDriveRepository(name, folder, credential.Resource, SidecarNames.DriveKindJson, sharedDrive, Endpoint: null, interval));
    }

    /// <summary>As <see cref="WithGoogleDrive"/>, with an emulator of Drive on this machine in place of Google. For a sidecar that runs as a process of this machine: without TLS it asks addresses of its own host alone.</summary>
    /// <param name="builder">Of the sidecar.</param>
    /// <param name="name">How status and commands name it.</param>
    /// <param name="folder">The id of the folder.</param>
    /// <param name="accessToken">A secret parameter.</param>
    /// <param name="emulator">Its endpoint.</param>
    /// <param name="interval">How often it is fed.</param>
    /// <exception cref="ArgumentException">The token is no secret, or the name is none or there twice.</exception>
    /// <exception cref="InvalidOperationException">The sidecar is a container.</exception>
    public static IResourceBuilder<IBackupSidecarResource> WithGoogleDriveEmulator(
        this IResourceBuilder<IBackupSidecarResource> builder, string name, IValueProvider folder, IResourceBuilder<ParameterResource> accessToken, EndpointReference emulator, string? interval = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(accessToken);
        ArgumentNullException.ThrowIfNull(emulator);
        return builder.Resource is BackupSidecarProjectResource
            ? AddDrive(builder, new GoogleDriveRepository(name, folder, accessToken.Resource, SidecarNames.DriveKindAccessToken, SharedDrive: null, emulator, interval))
            : throw new InvalidOperationException($"'{builder.Resource.Name}' is a container, which does not reach an emulator on this machine without TLS: use AddBackupSidecarProject, and add the emulator only while builder.ExecutionContext.IsRunMode.");
    }

    private static IResourceBuilder<IBackupSidecarResource> AddDrive(IResourceBuilder<IBackupSidecarResource> builder, GoogleDriveRepository drive)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(drive.Folder);
        RequireName(drive.Name, "name");
        if (!drive.Credential.Secret)
        {
            throw new ArgumentException($"The parameter '{drive.Credential.Name}' is a credential and would be shown: make it by AddParameter(…, secret: true).", nameof(drive));
        }

        var drives = SidecarLayout.Of(builder.Resource).Drives;
        if (drives.Any(known => known.Name == drive.Name))
        {
            throw new ArgumentException($"'{builder.Resource.Name}' feeds a repository '{drive.Name}' already: give each another name.", nameof(drive));
        }

        drives.Add(drive);
        return builder;
    }

    private static SidecarPlace Volume(IResourceBuilder<IBackupSidecarResource> builder, SidecarPlace place, string? name, string alternative) => builder.Resource is BackupSidecarProjectResource
        ? throw new InvalidOperationException($"'{builder.Resource.Name}' runs as a process of this machine, which sees no volume: use {alternative}, or AddBackupSidecar for a container.")
        : name is null ? place : place with { VolumeName = name };

    private static string FullPath(IResourceBuilder<IBackupSidecarResource> builder, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Path.GetFullPath(path, builder.ApplicationBuilder.AppHostDirectory);
    }

    private static void RequireName(string name, string parameter)
    {
        if (!SidecarNames.IsName(name))
        {
            throw new ArgumentException($"'{name}' is no name: allowed are {SidecarNames.NameRule}.", parameter);
        }
    }
}
