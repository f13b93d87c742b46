using System.Diagnostics.CodeAnalysis;
using Google.Apis.Services;
using Google.Apis.Util;

namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>The account behind a credential.</summary>
internal sealed class AboutResource(IClientService service)
{
    public GetRequest Get() => new(service);

    internal sealed class GetRequest : DriveBaseServiceRequest<About>
    {
        [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(GetRequest))]
        public GetRequest(IClientService service)
            : base(service, "GET", "get", "about", "fields")
        {
        }

        [RequestParameter("fields", RequestParameterType.Query)]
        public string? Fields { get; set; }
    }
}
