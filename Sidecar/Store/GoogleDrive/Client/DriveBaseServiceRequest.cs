using Google.Apis.Discovery;
using Google.Apis.Requests;
using Google.Apis.Services;

namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>A call of the Drive API. Its public properties that carry an attribute are its parameters: the library reads them by reflection.</summary>
internal abstract class DriveBaseServiceRequest<TResponse> : ClientServiceRequest<TResponse>
{
    /// <param name="service">That it is a call of.</param>
    /// <param name="httpMethod">Such as GET.</param>
    /// <param name="methodName">As Google calls it.</param>
    /// <param name="restPath">Below the service, with the names of parameters in braces.</param>
    /// <param name="parameters">The names of all of them, for the library's check; those of the path are required.</param>
    protected DriveBaseServiceRequest(IClientService service, string httpMethod, string methodName, string restPath, params IReadOnlyList<string> parameters)
        : base(service)
    {
        (HttpMethod, MethodName, RestPath) = (httpMethod, methodName, restPath);
        base.InitParameters();
        foreach (var name in parameters)
        {
            var isInPath = restPath.Contains($"{{{name}}}", StringComparison.Ordinal);
            RequestParameters.Add(name, new Parameter { Name = name, IsRequired = isInPath, ParameterType = isInPath ? "path" : "query", DefaultValue = null, Pattern = null });
        }
    }

    public sealed override string HttpMethod { get; }

    public sealed override string MethodName { get; }

    public sealed override string RestPath { get; }
}
