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
            : base(service)
        {
            DriveId = driveId;
            InitParameters();
        }

        [RequestParameter("driveId", RequestParameterType.Path)]
        public string DriveId { get; }

        public override string MethodName => "get";

        public override string HttpMethod => "GET";

        public override string RestPath => "drives/{driveId}";

        protected override IReadOnlyList<(string Name, string Kind)> Parameters => [("driveId", "path")];
    }
}
