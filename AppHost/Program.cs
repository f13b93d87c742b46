using BackupSidecar.AppHost;
using BackupSidecar.AspireHosting;
using Microsoft.Extensions.Configuration;

// Notes writes into a SQLite database, the sidecar beside it backs that up, and feeds a Google Drive, which here is an emulator on this machine.
//
//   dotnet run --project AppHost                        everything as processes of this machine: needs Linux and the .NET SDK
//   dotnet run --project AppHost -- --Containers=true   app and sidecar as containers: needs a container runtime and the images (docs/containers.md); --Tag=TAG names others than latest
//
// Everything lies in .data beside this file, or where --Home says.
var builder = DistributedApplication.CreateBuilder(args);
var inContainers = builder.Configuration.GetValue("Containers", builder.ExecutionContext.IsPublishMode);
var tag = builder.Configuration["Tag"] ?? SidecarNames.ImageTag;
var home = builder.Configuration["Home"] ?? ".data";

var backup = (inContainers ? builder.AddBackupSidecar("backup", tag: tag) : builder.AddBackupSidecarProject<Projects.Sidecar>("backup"))
    .WithHomeDirectory(Path.Combine(home, "backup"))
    .WithDatabase("notes");

if (inContainers)
{
    var notes = builder.AddContainer("notes", SidecarNames.NotesImage, tag)
        .WithHttpEndpoint(port: SidecarNames.NotesPort, targetPort: SidecarNames.NotesPort)
        .WithExternalHttpEndpoints()
        .WithHttpHealthCheck("/health")
        .WithBackupSidecar(backup);
#if PUBLISHERS
    switch (builder.Configuration["Publisher"])
    {
        case "compose":
            BackupSidecar.AppHost.Publishing.Compose.AddTo(builder, backup, notes);
            break;
        case "helm":
            BackupSidecar.AppHost.Publishing.Helm.AddTo(builder, backup, notes);
            break;
    }
#endif
}
else
{
    builder.AddProject<Projects.Notes>("notes")
        .WithHttpEndpoint(port: SidecarNames.NotesPort)
        .WithHttpHealthCheck("/health")
        .WithBackupSidecar(backup)
        .WithEnvironment("Database", backup.GetDatabasePath("notes"));

    var drive = builder.AddProject<Projects.DriveEmulator>("drive")
        .WithHttpEndpoint()
        .WithHttpHealthCheck("/emulator/counters");
    drive.WithArgs("--data", Path.GetFullPath(Path.Combine(home, "drive"), builder.AppHostDirectory), "--any-token")
        .WithArgs(context =>
        {
            context.Args.Add("--listen");
            context.Args.Add(ReferenceExpression.Create($"127.0.0.1:{drive.GetEndpoint("http").Property(EndpointProperty.TargetPort)}"));
        });

    // The emulator takes any token.
    var token = builder.AddParameter("drive-token", () => "any-token", secret: true);
    var folder = new EmulatorFolder(drive.GetEndpoint("http"), "notes");
    var repository = builder.AddProject<Projects.Sidecar>("drive-repository")
        .WithEnvironment("DRIVE_TOKEN", token)
        .WithArgs([.. SidecarNames.AddDriveRepository("drive", "DRIVE_TOKEN"), SidecarNames.EndpointOption, drive.GetEndpoint("http")])
        .WithArgs(async context =>
        {
            foreach (var option in await folder.OptionsAsync(context.CancellationToken))
            {
                context.Args.Add(option);
            }
        })
        .WaitFor(drive);
    _ = backup
        .WithGoogleDriveEmulator("drive", folder, token, drive.GetEndpoint("http"), interval: "5s")
        .WaitForCompletion(repository);
}

builder.Build().Run();
