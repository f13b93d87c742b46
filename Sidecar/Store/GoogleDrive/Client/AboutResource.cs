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
            : base(service) => InitParameters();

        [RequestParameter("fields", RequestParameterType.Query)]
        public string? Fields { get; set; }

        public override string MethodName => "get";

        public override string HttpMethod => "GET";

        public override string RestPath => "about";

        protected override IReadOnlyList<(string Name, string Kind)> Parameters => [("fields", "query")];
    }
}
