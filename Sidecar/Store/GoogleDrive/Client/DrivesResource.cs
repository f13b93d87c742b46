using System.Diagnostics.CodeAnalysis;
using Google.Apis.Services;
using Google.Apis.Util;

namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>Shared drives.</summary>
internal sealed class DrivesResource(IClientService service)
{
    public GetRequest Get(string driveId) => new(service, driveId);

    internal sealed class GetRequest : DriveBaseServiceRequest<SharedDrive>
    {
        [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(GetRequest))]
        public GetRequest(IClientService service, string driveId)
            : base(service, "GET", "get", "drives/{driveId}", "driveId") => DriveId = driveId;

        [RequestParameter("driveId", RequestParameterType.Path)]
        public string DriveId { get; }
    }
}
