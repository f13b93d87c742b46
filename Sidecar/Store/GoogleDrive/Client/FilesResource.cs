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
            : base(service, "POST", "create", "files", "fields", "supportsAllDrives") => _body = body;

        [RequestParameter("fields", RequestParameterType.Query)]
        public string? Fields { get; set; } = DriveFile.Fields;

        [RequestParameter("supportsAllDrives", RequestParameterType.Query)]
        public bool? SupportsAllDrives { get; set; } = true;

        protected override object GetBody() => _body;
    }

    internal sealed class CreateMultipartRequest : DriveBaseServiceRequest<DriveFile>
    {
        [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(CreateMultipartRequest))]
        public CreateMultipartRequest(IClientService service, DriveFile body, ReadOnlyMemory<byte> content)
            : base(service, "POST", "create", UploadPath, "uploadType", "fields", "supportsAllDrives")
        {
            ModifyRequest = request =>
            {
                var metadata = new StringContent(service.Serializer.Serialize(body));
                metadata.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
                var media = new ReadOnlyMemoryContent(content);
                media.Headers.ContentType = new MediaTypeHeaderValue(DriveFile.ContentType);
                request.Content = new MultipartContent("related") { metadata, media };
            };
        }

        [RequestParameter("uploadType", RequestParameterType.Query)]
        public string UploadType { get; } = "multipart";

        [RequestParameter("fields", RequestParameterType.Query)]
        public string? Fields { get; set; } = DriveFile.Fields;

        [RequestParameter("supportsAllDrives", RequestParameterType.Query)]
        public bool? SupportsAllDrives { get; set; } = true;
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
            : base(service, "GET", "get", "files/{fileId}", "fileId", "fields", "supportsAllDrives") => FileId = fileId;

        [RequestParameter("fileId", RequestParameterType.Path)]
        public string FileId { get; }

        [RequestParameter("fields", RequestParameterType.Query)]
        public string? Fields { get; set; } = DriveFile.Fields;

        [RequestParameter("supportsAllDrives", RequestParameterType.Query)]
        public bool? SupportsAllDrives { get; set; } = true;

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
            : base(service, "GET", "list", "files", "q", "pageToken", "pageSize", "spaces", "corpora", "driveId", "fields", "supportsAllDrives", "includeItemsFromAllDrives")
        {
        }

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
    }

    internal sealed class UpdateRequest : DriveBaseServiceRequest<DriveFile>
    {
        private readonly DriveFile _body;

        [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(UpdateRequest))]
        public UpdateRequest(IClientService service, DriveFile body, string fileId)
            : base(service, "PATCH", "update", "files/{fileId}", "fileId", "fields", "supportsAllDrives")
        {
            _body = body;
            FileId = fileId;
        }

        [RequestParameter("fileId", RequestParameterType.Path)]
        public string FileId { get; }

        [RequestParameter("fields", RequestParameterType.Query)]
        public string? Fields { get; set; } = DriveFile.Fields;

        [RequestParameter("supportsAllDrives", RequestParameterType.Query)]
        public bool? SupportsAllDrives { get; set; } = true;

        protected override object GetBody() => _body;
    }

    internal sealed class UpdateContentRequest : DriveBaseServiceRequest<DriveFile>
    {
        [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(UpdateContentRequest))]
        public UpdateContentRequest(IClientService service, string fileId, ReadOnlyMemory<byte> content)
            : base(service, "PATCH", "update", UploadPath + "/{fileId}", "fileId", "uploadType", "fields", "supportsAllDrives")
        {
            FileId = fileId;
            ModifyRequest = request =>
            {
                request.Content = new ReadOnlyMemoryContent(content);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(DriveFile.ContentType);
            };
        }

        [RequestParameter("fileId", RequestParameterType.Path)]
        public string FileId { get; }

        [RequestParameter("uploadType", RequestParameterType.Query)]
        public string UploadType { get; } = "media";

        [RequestParameter("fields", RequestParameterType.Query)]
        public string? Fields { get; set; } = DriveFile.Fields;

        [RequestParameter("supportsAllDrives", RequestParameterType.Query)]
        public bool? SupportsAllDrives { get; set; } = true;
    }

    internal sealed class DeleteRequest : DriveBaseServiceRequest<string>
    {
        [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(DeleteRequest))]
        public DeleteRequest(IClientService service, string fileId)
            : base(service, "DELETE", "delete", "files/{fileId}", "fileId", "supportsAllDrives") => FileId = fileId;

        [RequestParameter("fileId", RequestParameterType.Path)]
        public string FileId { get; }

        [RequestParameter("supportsAllDrives", RequestParameterType.Query)]
        public bool? SupportsAllDrives { get; set; } = true;
    }

    internal sealed class GenerateIdsRequest : DriveBaseServiceRequest<GeneratedIds>
    {
        [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(GenerateIdsRequest))]
        public GenerateIdsRequest(IClientService service)
            : base(service, "GET", "generateIds", "files/generateIds", "count", "space")
        {
        }

        [RequestParameter("count", RequestParameterType.Query)]
        public int? Count { get; set; }

        [RequestParameter("space", RequestParameterType.Query)]
        public string? Space { get; set; } = "drive";
    }
}
