using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupSidecar.AspireHosting.Tests;

/// <summary>The model of an app host that is not started.</summary>
internal sealed class AppModel : IAsyncDisposable
{
    private DistributedApplication? _app;

    public AppModel(params string[] arguments) => Builder = DistributedApplication.CreateBuilder(
        new DistributedApplicationOptions { Args = arguments, DisableDashboard = true, ProjectDirectory = Home, AssemblyName = "AppHost" });

    public static AppModel Published() => new("--operation", "publish", "--step", "publish-manifest", "--output-path", Path.GetTempPath());

    public static string Home => Path.GetTempPath();

    public IDistributedApplicationBuilder Builder { get; }

    /// <summary>Ends the building, as a start does before the first resource starts.</summary>
    public async Task CompleteAsync()
    {
        _app = Builder.Build();
        await Builder.Eventing.PublishAsync(new BeforeStartEvent(_app.Services, _app.Services.GetRequiredService<DistributedApplicationModel>()), TestContext.Current.CancellationToken);
    }

    /// <summary>The variables of a resource, as it would see them.</summary>
    public async Task<Dictionary<string, string?>> VariablesAsync(IResource resource)
    {
        Dictionary<string, object> given = [];
        var context = new EnvironmentCallbackContext(Builder.ExecutionContext, resource, given, TestContext.Current.CancellationToken);
        foreach (var callback in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await callback.Callback(context);
        }

        Dictionary<string, string?> variables = [];
        foreach (var (name, value) in given)
        {
            variables[name] = await TextOfAsync(value, resource);
        }

        return variables;
    }

    public static async Task<List<string?>> RuntimeArgumentsAsync(IResource resource)
    {
        List<object> given = [];
        foreach (var callback in resource.Annotations.OfType<ContainerRuntimeArgsCallbackAnnotation>())
        {
            await callback.Callback(new ContainerRuntimeArgsCallbackContext(given, TestContext.Current.CancellationToken));
        }

        return [.. given.Select(value => value.ToString())];
    }

    /// <summary>Gives an endpoint its ports, as the orchestrator does.</summary>
    public static void Allocate(IResource resource, string endpoint, int port, int targetPort)
    {
        var annotation = resource.Annotations.OfType<EndpointAnnotation>().Single(known => known.Name == endpoint);
        annotation.AllocatedEndpoint = new AllocatedEndpoint(annotation, "localhost", port, targetPortExpression: $"{targetPort}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    private async Task<string?> TextOfAsync(object value, IResource resource) => value switch
    {
        string text => text,
        IManifestExpressionProvider expression when Builder.ExecutionContext.IsPublishMode => expression.ValueExpression,
        IValueProvider provider => await provider.GetValueAsync(new ValueProviderContext { ExecutionContext = Builder.ExecutionContext, Caller = resource }, TestContext.Current.CancellationToken),
        _ => value.ToString(),
    };
}
