using Google.Apis.Discovery;
using Google.Apis.Requests;
using Google.Apis.Services;

namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>A call of the Drive API. Its public properties that carry an attribute are its parameters: the library reads them by reflection.</summary>
internal abstract class DriveBaseServiceRequest<TResponse> : ClientServiceRequest<TResponse>
{
    protected DriveBaseServiceRequest(IClientService service)
        : base(service)
    {
    }

    /// <summary>Every parameter of the call, for the library's check.</summary>
    protected abstract IReadOnlyList<(string Name, string Kind)> Parameters { get; }

    /// <summary>What a subclass calls at the end of its constructor.</summary>
    protected override void InitParameters()
    {
        base.InitParameters();
        foreach (var (name, kind) in Parameters)
        {
            RequestParameters.Add(name, new Parameter { Name = name, IsRequired = kind == "path", ParameterType = kind, DefaultValue = null, Pattern = null });
        }
    }
}
