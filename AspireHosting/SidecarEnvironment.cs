using Aspire.Hosting.ApplicationModel;

namespace BackupSidecar.AspireHosting;

/// <summary>The configuration of the sidecar, as variables.</summary>
internal static class SidecarEnvironment
{
    /// <param name="variables">To add to.</param>
    /// <param name="layout">What it follows, and where everything lies.</param>
    /// <param name="sidecar">Has the endpoints.</param>
    /// <param name="listenAddress">Where its addresses for monitoring are heard.</param>
    public static void Add(Dictionary<string, object> variables, SidecarLayout layout, IBackupSidecarResource sidecar, string listenAddress)
    {
        variables[SidecarNames.RepositoryPath] = layout.Repository.Itself(layout.IsPublished).Expression;
        variables[SidecarNames.StatePath] = layout.State.Itself(layout.IsPublished).Expression;
        variables[SidecarNames.AppSocket] = layout.AppSocket.Expression;
        variables[SidecarNames.ShutdownDeadline] = SidecarNames.ShutdownDeadlineValue;
        variables[SidecarNames.MonitorListen] = ReferenceExpression.Create($"{listenAddress}:{sidecar.Monitor.Property(EndpointProperty.TargetPort)}");
        variables[SidecarNames.MonitorGrpcListen] = ReferenceExpression.Create($"{listenAddress}:{sidecar.HealthGrpc.Property(EndpointProperty.TargetPort)}");
        foreach (var (index, database) in layout.Databases.Index())
        {
            variables[SidecarNames.SourceName(index)] = database.Name;
            variables[SidecarNames.SourcePath(index)] = layout.Data.Of(database.FileName, layout.IsPublished).Expression;
            variables[SidecarNames.SourceStartEmpty(index)] = database.StartEmpty ? "true" : "false";
        }

        foreach (var (index, drive) in layout.Drives.Index())
        {
            AddDrive(variables, index, drive);
        }
    }

    private static void AddDrive(Dictionary<string, object> variables, int index, GoogleDriveRepository drive)
    {
        variables[SidecarNames.RemoteName(index)] = drive.Name;
        variables[SidecarNames.DriveFolder(index)] = drive.Folder;
        variables[SidecarNames.DriveCredentialVariable(index)] = SidecarNames.DriveCredential(index);
        variables[SidecarNames.DriveCredential(index)] = drive.Credential;
        variables[SidecarNames.DriveCredentialKind(index)] = drive.CredentialKind;
        if (drive.SharedDrive is { } sharedDrive)
        {
            variables[SidecarNames.DriveSharedDrive(index)] = sharedDrive;
        }

        if (drive.Endpoint is { } endpoint)
        {
            variables[SidecarNames.DriveEndpoint(index)] = endpoint;
        }

        if (drive.Interval is { } interval)
        {
            variables[SidecarNames.RemoteInterval(index)] = interval;
        }
    }
}
