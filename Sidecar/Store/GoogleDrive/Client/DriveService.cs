using Google.Apis.Services;

namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>The few methods of the Drive API, version 3, that the store needs, named as in Google's generated client.</summary>
internal sealed class DriveService : BaseClientService
{
    /// <summary>Files that this application made or was given; nothing else of the account.</summary>
    public const string DriveFileScope = "https://www.googleapis.com/auth/drive.file";

    private const string ServicePath = "drive/v3/";

    private readonly string _root;

    /// <param name="initializer">With the HTTP factory and the credential.</param>
    /// <param name="rootUri">Of the API, with a slash at its end.</param>
    public DriveService(Initializer initializer, Uri rootUri)
        : base(initializer)
    {
        _root = rootUri.AbsoluteUri;
        Files = new FilesResource(this);
        About = new AboutResource(this);
        Drives = new DrivesResource(this);
    }

    public override string Name => "drive";

    public override string BaseUri => _root + ServicePath;

    public override string BasePath => ServicePath;

    public override string BatchUri => _root + "batch/drive/v3";

    public override string BatchPath => "batch/drive/v3";

    public override IList<string> Features { get; } = [];

    public FilesResource Files { get; }

    public AboutResource About { get; }

    public DrivesResource Drives { get; }
}
