using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace BackupSidecar.AspireHosting;

/// <summary>What an app of the app model gets from its sidecar.</summary>
public static class BackupSidecarAppExtensions
{
    /// <summary>
    /// Gives an app its sidecar: the connection string that <c>AddBackupSidecar()</c> of the app reads, the folders of database and socket where it is a container, and a new start when it ends with 75 because a restore waits for it. It starts when the sidecar is ready.
    /// </summary>
    /// <typeparam name="T">A project, a container or an executable.</typeparam>
    /// <param name="app">The app.</param>
    /// <param name="sidecar">What <see cref="BackupSidecarBuilderExtensions.AddBackupSidecar"/> returned.</param>
    /// <param name="database">Which of several databases is the app's; null: there is only one.</param>
    /// <exception cref="InvalidOperationException">There is no such database, or it is to share a volume and is no container.</exception>
    public static IResourceBuilder<T> WithBackupSidecar<T>(this IResourceBuilder<T> app, IResourceBuilder<IBackupSidecarResource> sidecar, string? database = null)
        where T : IResourceWithEnvironment, IResourceWithWaitSupport
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(sidecar);
        var layout = SidecarLayout.Of(sidecar.Resource);
        _ = app
            .WithReference((IResourceBuilder<IResourceWithServiceDiscovery>)sidecar)
            .WithReference((IResourceBuilder<IResourceWithConnectionString>)sidecar)
            .WaitFor(sidecar)
            .WithAnnotation(new RestartOnRestore(sidecar.Resource));
        if (database is not null)
        {
            _ = app.WithEnvironment($"ConnectionStrings__{sidecar.Resource.Name}", layout.ConnectionString(layout.Find(database).Name));
        }

        if (layout.IsPublished || app.Resource.IsContainer())
        {
            app.ApplicationBuilder.Eventing.Subscribe<BeforeStartEvent>((_, _) =>
            {
                SidecarResourceBuilder.AddMounts(app.Resource, layout.IsPublished, layout.Data, layout.Run);
                return Task.CompletedTask;
            });
            _ = app.WithAnnotation(new ContainerRuntimeArgsCallbackAnnotation(arguments => SidecarResourceBuilder.AddUser(layout, arguments)));
        }

        if (!layout.IsPublished)
        {
            // One watches all apps.
            app.ApplicationBuilder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, AppRestarts>());
        }

        return app;
    }
}
