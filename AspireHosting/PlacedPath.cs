using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace BackupSidecar.AspireHosting;

/// <summary>A path that processes of this machine and containers call by different names. In a variable, an argument or an expression it becomes the name that the resource has to use which gets it.</summary>
internal sealed class PlacedPath : IValueProvider, IManifestExpressionProvider
{
    private readonly string? _hostPath;
    private readonly string _containerPath;
    private readonly bool _isPublished;

    /// <param name="hostPath">On this machine, absolute; null: it lies on a volume, which only containers see.</param>
    /// <param name="containerPath">In every container that mounts it.</param>
    /// <param name="isPublished">There will be containers alone.</param>
    public PlacedPath(string? hostPath, string containerPath, bool isPublished) =>
        (_hostPath, _containerPath, _isPublished) = (hostPath, containerPath, isPublished);

    public string? HostPath => _hostPath;

    /// <summary>To be given to resources. What is published is plain text: publishers make a variable to be filled in by hand of every value that they do not know.</summary>
    public ReferenceExpression Expression => _isPublished ? ReferenceExpression.Create($"{_containerPath}") : ReferenceExpression.Create($"{this}");

    /// <summary>As containers see it.</summary>
    public string ValueExpression => _containerPath;

    /// <summary>As processes of this machine see it.</summary>
    /// <param name="cancellationToken">Not used.</param>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => GetValueAsync(new ValueProviderContext(), cancellationToken);

    /// <summary>As the resource that asks sees it.</summary>
    /// <param name="context">Says who asks.</param>
    /// <param name="cancellationToken">Not used.</param>
    /// <exception cref="InvalidOperationException">A process of this machine asks for what lies on a volume.</exception>
    public ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult<string?>(context.Caller?.IsContainer() == true ? _containerPath : _hostPath ?? throw new InvalidOperationException(
            $"{_containerPath} lies on a volume, which only containers see{(context.Caller is { } caller ? $", and '{caller.Name}' is a process of this machine" : "")}. Use WithDataDirectory in place of WithDataVolume, or run the app as a container."));
    }
}
