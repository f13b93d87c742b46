using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using Google.Apis.Download;
using Google.Apis.Services;
using Google.Apis.Upload;
using Google.Apis.Util;

namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>Files and folders. Every call works in shared drives as well.</summary>
internal sealed class FilesResource(IClientService service)
{
    private const string UploadPath = "/upload/drive/v3/files";

    public CreateRequest Create(DriveFile body) => new(service, body);

    /// <summary>Metadata and content in one request, for content that fits into memory.</summary>
    public CreateMultipartRequest CreateMultipart(DriveFile body, ReadOnlyMemory<byte> content) => new(service, body, content);

    public CreateMediaUpload Create(DriveFile body, Stream stream, string contentType) => new(service, body, stream, contentType);

    public GetRequest Get(string fileId) => new(service, fileId);

    public ListRequest List() => new(service);

    public UpdateRequest Update(DriveFile body, string fileId) => new(service, body, fileId);

    /// <summary>Replaces the content and leaves the metadata; the answer is of the same moment.</summary>
    public UpdateContentRequest UpdateContent(string fileId, ReadOnlyMemory<byte> content) => new(service, fileId, content);

    public DeleteRequest Delete(string fileId) => new(service, fileId);

    public GenerateIdsRequest GenerateIds() => new(service);

    internal class CreateRequest : DriveBaseServiceRequest<DriveFile>
    {
        private readonly DriveFile _body;

        [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(CreateRequest))]
        public CreateRequest(IClientService service, DriveFile body)
            : base(service)
        {
            _body = body;
            InitParameters();
        }

        [RequestParameter("fields", RequestParameterType.Query)]
        public string? Fields { get; set; } = DriveFile.Fields;

        [RequestParameter("supportsAllDrives", RequestParameterType.Query)]
        public bool? SupportsAllDrives { get; set; } = true;

        public override string MethodName => "create";

        public override string HttpMethod => "POST";

        public override string RestPath => "files";

        protected override IReadOnlyList<(string Name, string Kind)> Parameters => [("fields", "query"), ("supportsAllDrives", "query")];

        protected override object GetBody() => _body;
    }

    internal sealed class CreateMultipartRequest : DriveBaseServiceRequest<DriveFile>
    {
        [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(CreateMultipartRequest))]
        public CreateMultipartRequest(IClientService service, DriveFile body, ReadOnlyMemory<byte> content)
            : base(service)
        {
            ModifyRequest = request =>
            {
                var metadata = new StringContent(service.Serializer.Serialize(body));
                metadata.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
                var media = new ReadOnlyMemoryContent(content);
                media.Headers.ContentType = new MediaTypeHeaderValue(DriveFile.ContentType);
                request.Content = new MultipartContent("related") { metadata, media };
            };
            InitParameters();
        }

        [RequestParameter("uploadType", RequestParameterType.Query)]
        public string UploadType { get; } = "multipart";

        [RequestParameter("fields", RequestParameterType.Query)]
        public string? Fields { get; set; } = DriveFile.Fields;

        [RequestParameter("supportsAllDrives", RequestParameterType.Query)]
        public bool? SupportsAllDrives { get; set; } = true;

        public override string MethodName => "create";

        public override string HttpMethod => "POST";

        public override string RestPath => UploadPath;

        protected override IReadOnlyList<(string Name, string Kind)> Parameters => [("uploadType", "query"), ("fields", "query"), ("supportsAllDrives", "query")];
    }

    internal sealed class CreateMediaUpload : ResumableUpload<DriveFile, DriveFile>
    {
        [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(CreateMediaUpload))]
        public CreateMediaUpload(IClientService service, DriveFile body, Stream stream, string contentType)
            : base(service, UploadPath, "POST", stream, contentType) => Body = body;

        [RequestParameter("fields", RequestParameterType.Query)]
        public string? Fields { get; set; } = DriveFile.Fields;

        [RequestParameter("supportsAllDrives", RequestParameterType.Query)]
        public bool? SupportsAllDrives { get; set; } = true;
    }

    internal sealed class GetRequest : DriveBaseServiceRequest<DriveFile>
    {
        [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(GetRequest))]
        public GetRequest(IClientService service, string fileId)
            : base(service)
        {
            FileId = fileId;
            InitParameters();
        }

        [RequestParameter("fileId", RequestParameterType.Path)]
        public string FileId { get; }

        [RequestParameter("fields", RequestParameterType.Query)]
        public string? Fields { get; set; } = DriveFile.Fields;

        [RequestParameter("supportsAllDrives", RequestParameterType.Query)]
        public bool? SupportsAllDrives { get; set; } = true;

        public override string MethodName => "get";

        public override string HttpMethod => "GET";

        public override string RestPath => "files/{fileId}";

        protected override IReadOnlyList<(string Name, string Kind)> Parameters => [("fileId", "path"), ("fields", "query"), ("supportsAllDrives", "query")];

        /// <summary>Writes the whole content to the stream. What went wrong is in the result, cancellation apart.</summary>
        public Task<IDownloadProgress> DownloadAsync(Stream stream, CancellationToken ct)
        {
            Fields = null;
            return new MediaDownloader(Service).DownloadAsync(GenerateRequestUri(), stream, ct);
        }

        /// <summary>Writes exactly the bytes from first to final (both included) to the stream, or fails.</summary>
        public Task<IDownloadProgress> DownloadRangeAsync(Stream stream, long first, long final, CancellationToken ct)
        {
            Fields = null;
            return new RangeDownloader(Service, first, final).DownloadAsync(GenerateRequestUri(), stream, ct);
        }
    }

    internal sealed class ListRequest : DriveBaseServiceRequest<FileList>
    {
        [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(ListRequest))]
        public ListRequest(IClientService service)
            : base(service) => InitParameters();

        [RequestParameter("q", RequestParameterType.Query)]
        public string? Q { get; set; }

        [RequestParameter("pageToken", RequestParameterType.Query)]
        public string? PageToken { get; set; }

        [RequestParameter("pageSize", RequestParameterType.Query)]
        public int? PageSize { get; set; } = 1000;

        [RequestParameter("spaces", RequestParameterType.Query)]
        public string? Spaces { get; set; } = "drive";

        /// <summary><c>drive</c> with <see cref="DriveId"/>, or null: what the user has.</summary>
        [RequestParameter("corpora", RequestParameterType.Query)]
        public string? Corpora { get; set; }

        [RequestParameter("driveId", RequestParameterType.Query)]
        public string? DriveId { get; set; }

        [RequestParameter("fields", RequestParameterType.Query)]
        public string? Fields { get; set; } = $"nextPageToken,incompleteSearch,files({DriveFile.Fields})";

        [RequestParameter("supportsAllDrives", RequestParameterType.Query)]
        public bool? SupportsAllDrives { get; set; } = true;

        [RequestParameter("includeItemsFromAllDrives", RequestParameterType.Query)]
        public bool? IncludeItemsFromAllDrives { get; set; } = true;

        public override string MethodName => "list";

        public override string HttpMethod => "GET";

        public override string RestPath => "files";

        protected override IReadOnlyList<(string Name, string Kind)> Parameters =>
        [
            ("q", "query"), ("pageToken", "query"), ("pageSize", "query"), ("spaces", "query"), ("corpora", "query"), ("driveId", "query"), ("fields", "query"),
            ("supportsAllDrives", "query"), ("includeItemsFromAllDrives", "query"),
        ];
    }

    internal sealed class UpdateRequest : DriveBaseServiceRequest<DriveFile>
    {
        private readonly DriveFile _body;

        [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(UpdateRequest))]
        public UpdateRequest(IClientService service, DriveFile body, string fileId)
            : base(service)
        {
            _body = body;
            FileId = fileId;
            InitParameters();
        }

        [RequestParameter("fileId", RequestParameterType.Path)]
        public string FileId { get; }

        [RequestParameter("fields", RequestParameterType.Query)]
        public string? Fields { get; set; } = DriveFile.Fields;

        [RequestParameter("supportsAllDrives", RequestParameterType.Query)]
        public bool? SupportsAllDrives { get; set; } = true;

        public override string MethodName => "update";

        public override string HttpMethod => "PATCH";

        public override string RestPath => "files/{fileId}";

        protected override IReadOnlyList<(string Name, string Kind)> Parameters => [("fileId", "path"), ("fields", "query"), ("supportsAllDrives", "query")];

        protected override object GetBody() => _body;
    }

    internal sealed class UpdateContentRequest : DriveBaseServiceRequest<DriveFile>
    {
        [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(UpdateContentRequest))]
        public UpdateContentRequest(IClientService service, string fileId, ReadOnlyMemory<byte> content)
            : base(service)
        {
            FileId = fileId;
            ModifyRequest = request =>
            {
                request.Content = new ReadOnlyMemoryContent(content);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(DriveFile.ContentType);
            };
            InitParameters();
        }

        [RequestParameter("fileId", RequestParameterType.Path)]
        public string FileId { get; }

        [RequestParameter("uploadType", RequestParameterType.Query)]
        public string UploadType { get; } = "media";

        [RequestParameter("fields", RequestParameterType.Query)]
        public string? Fields { get; set; } = DriveFile.Fields;

        [RequestParameter("supportsAllDrives", RequestParameterType.Query)]
        public bool? SupportsAllDrives { get; set; } = true;

        public override string MethodName => "update";

        public override string HttpMethod => "PATCH";

        public override string RestPath => UploadPath + "/{fileId}";

        protected override IReadOnlyList<(string Name, string Kind)> Parameters =>
            [("fileId", "path"), ("uploadType", "query"), ("fields", "query"), ("supportsAllDrives", "query")];
    }

    internal sealed class DeleteRequest : DriveBaseServiceRequest<string>
    {
        [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(DeleteRequest))]
        public DeleteRequest(IClientService service, string fileId)
            : base(service)
        {
            FileId = fileId;
            InitParameters();
        }

        [RequestParameter("fileId", RequestParameterType.Path)]
        public string FileId { get; }

        [RequestParameter("supportsAllDrives", RequestParameterType.Query)]
        public bool? SupportsAllDrives { get; set; } = true;

        public override string MethodName => "delete";

        public override string HttpMethod => "DELETE";

        public override string RestPath => "files/{fileId}";

        protected override IReadOnlyList<(string Name, string Kind)> Parameters => [("fileId", "path"), ("supportsAllDrives", "query")];
    }

    internal sealed class GenerateIdsRequest : DriveBaseServiceRequest<GeneratedIds>
    {
        [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(GenerateIdsRequest))]
        public GenerateIdsRequest(IClientService service)
            : base(service) => InitParameters();

        [RequestParameter("count", RequestParameterType.Query)]
        public int? Count { get; set; }

        [RequestParameter("space", RequestParameterType.Query)]
        public string? Space { get; set; } = "drive";

        public override string MethodName => "generateIds";

        public override string HttpMethod => "GET";

        public override string RestPath => "files/generateIds";

        protected override IReadOnlyList<(string Name, string Kind)> Parameters => [("count", "query"), ("space", "query")];
    }
}
