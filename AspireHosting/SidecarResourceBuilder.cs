using System.Runtime.InteropServices;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using BackupSidecar.AspireHosting.Commands;

namespace BackupSidecar.AspireHosting;

/// <summary>Puts a sidecar into the app model, in either shape.</summary>
internal static partial class SidecarResourceBuilder
{
    public const string MonitorEndpoint = "monitor";
    public const string GrpcEndpoint = "grpc";

    private const string AnyAddress = "0.0.0.0";
    private const string Loopback = "127.0.0.1";

    /// <summary>What the container does not need: see docs/containers.md.</summary>
    private static readonly string[] Hardening = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"];

    public static IResourceBuilder<IBackupSidecarResource> AddContainer(IDistributedApplicationBuilder builder, string name, string image, string tag)
    {
        var layout = LayoutOf(builder, name);
        var sidecar = builder.AddResource(new BackupSidecarResource(name))
            .WithAnnotation(layout)
            .WithImage(image, tag)
            .WithHttpEndpoint(targetPort: SidecarNames.MonitorPort, name: MonitorEndpoint)
            .WithHttpEndpoint(targetPort: SidecarNames.HealthGrpcPort, name: GrpcEndpoint)
            .WithContainerRuntimeArgs(context => AddRuntimeArguments(layout, context.Args));
        builder.Eventing.Subscribe<BeforeStartEvent>((_, _) =>
        {
            AddMounts(sidecar.Resource, layout.IsPublished, layout.Data, layout.Repository, layout.State, layout.Run);
            return Task.CompletedTask;
        });
        return Complete(sidecar, layout, AnyAddress);
    }

    public static IResourceBuilder<IBackupSidecarResource> AddProject(IDistributedApplicationBuilder builder, string name, IProjectMetadata project)
    {
        var layout = LayoutOf(builder, name);
        var sidecar = builder.AddResource(new BackupSidecarProjectResource(name))
            .WithAnnotation(layout)
            .WithAnnotation(project)
            .WithHttpEndpoint(name: MonitorEndpoint)
            .WithHttpEndpoint(name: GrpcEndpoint);
        return Complete(sidecar, layout, Loopback);
    }

    /// <summary>Mounts what is not mounted yet.</summary>
    public static void AddMounts(IResource resource, bool isPublished, params SidecarPlace[] places)
    {
        foreach (var place in places)
        {
            if (!resource.Annotations.OfType<ContainerMountAnnotation>().Any(mount => mount.Target == place.ContainerPath))
            {
                resource.Annotations.Add(place.Mount(isPublished));
            }
        }
    }

    /// <summary>The developer's own user, to whom directories of this machine belong; with volumes the user of the image.</summary>
    public static void AddUser(SidecarLayout layout, IList<object> arguments)
    {
        if (OperatingSystem.IsLinux() && !layout.IsPublished && !layout.HasVolumes)
        {
            arguments.Add($"--user={UserId()}:{GroupId()}");
        }
    }

    private static SidecarLayout LayoutOf(IDistributedApplicationBuilder builder, string name) =>
        new(name, Path.Combine(builder.AppHostDirectory, ".data", name), builder.ExecutionContext.IsPublishMode);

    private static IResourceBuilder<IBackupSidecarResource> Complete<T>(IResourceBuilder<T> sidecar, SidecarLayout layout, string listenAddress)
        where T : IBackupSidecarResource
    {
        _ = sidecar
            .WithArgs(SidecarNames.ServeCommand)
            .WithEnvironment(context => SidecarEnvironment.Add(context.EnvironmentVariables, layout, sidecar.Resource, listenAddress))
            .WithEndpoint(GrpcEndpoint, endpoint => endpoint.Transport = "http2")
            .WithHttpHealthCheck(SidecarNames.ReadinessPath, endpointName: MonitorEndpoint)
            .WithUrlForEndpoint(MonitorEndpoint, url => (url.Url, url.DisplayText) = (new Uri(new Uri(url.Url), SidecarNames.MetricsPath).ToString(), "Metrics"))
            .WithUrlForEndpoint(MonitorEndpoint, _ => new ResourceUrlAnnotation { Url = SidecarNames.ReadinessPath, DisplayText = "Ready?" })
            .WithUrlForEndpoint(GrpcEndpoint, url => (url.DisplayText, url.DisplayLocation) = ("gRPC health", UrlDisplayLocation.DetailsOnly))
            .WithOtlpExporter()
            .WithIconName("DatabaseArrowDown");
        if (!layout.IsPublished)
        {
            _ = sidecar.OnBeforeResourceStarted((_, _, _) =>
            {
                layout.Prepare();
                return Task.CompletedTask;
            });
        }

        SidecarCommands.AddTo(sidecar, layout);
        return (IResourceBuilder<IBackupSidecarResource>)sidecar;
    }

    private static void AddRuntimeArguments(SidecarLayout layout, IList<object> arguments)
    {
        foreach (var argument in Hardening)
        {
            arguments.Add(argument);
        }

        AddUser(layout, arguments);
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint UserId();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GroupId();
}
