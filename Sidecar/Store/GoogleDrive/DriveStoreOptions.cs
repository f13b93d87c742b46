using System.ComponentModel.DataAnnotations;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Store.GoogleDrive.Traffic;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>A folder of Google Drive as a store, and how it is used.</summary>
internal sealed record DriveStoreOptions
{
    public static readonly Uri GoogleRoot = new("https://www.googleapis.com/");

    /// <summary>The folder's id: the last part of its address in a browser. Empty only where a folder is still to be made.</summary>
    public required string FolderId { get; init; }

    /// <summary>The id of the shared drive that the folder lies in; null: it lies in somebody's own drive.</summary>
    public string? SharedDriveId { get; init; }

    public required DriveCredentialOptions Credential { get; init; }

    /// <summary>Where the journal of uploads and what is staged lie, with the mode 0700. One directory for each folder; losing it costs uploads that are under way, and no object.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>What all calls with this credential may cost in a minute; calls over it wait. Google's limit for a user is the default.</summary>
    [Range(1_000, 100_000_000)]
    public int UnitsPerMinute { get; init; } = 325_000;

    /// <summary>Requests with this credential in a day (UTC); calls over it fail.</summary>
    [Range(1_000, 1_000_000_000)]
    public int RequestsPerDay { get; init; } = 200_000;

    /// <summary>Of the API, with a slash at its end: Google's, or that of an emulator.</summary>
    public Uri RootUri { get; init; } = GoogleRoot;

    /// <summary>Bytes of a piece of an upload, a multiple of 256 KiB. Held in memory, and what a broken connection costs at most; the larger, the less a slow answer matters.</summary>
    [Range(256 << 10, 256 << 20)]
    public int ChunkBytes { get; init; } = 16 << 20;

    /// <summary>Bytes. What is larger goes by a session, which a restart can continue, and which costs a request more. Held in memory; Google allows 5 MB.</summary>
    [Range(0, 5_000_000)]
    public int OneRequestBytesMax { get; init; } = 4 << 20;

    public DriveRetryOptions Retry { get; init; } = new();

    /// <summary>What lies between the gate and the network, such as what breaks it in a test; null: nothing.</summary>
    public Func<HttpMessageHandler, HttpMessageHandler>? Wire { get; init; }

    /// <summary>True if a file or folder can have this id.</summary>
    public static bool IsId(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <exception cref="StoreException">Something is not as it can be.</exception>
    public DriveStoreOptions Validated()
    {
        if (!IsId(FolderId))
        {
            throw Invalid($"'{FolderId}' is no id of a Drive folder", "The id is the last part of the folder's address in a browser, after 'folders/'.");
        }

        if (ChunkBytes % (256 << 10) != 0 || ChunkBytes <= 0)
        {
            throw Invalid($"The chunk of {ChunkBytes} bytes is no multiple of 256 KiB", "Drive takes an upload in multiples of 256 KiB only.");
        }

        if (!RootUri.IsAbsoluteUri || RootUri.Scheme is not ("http" or "https") || RootUri.AbsolutePath != "/")
        {
            throw Invalid($"'{RootUri}' is no root of an API", "Give scheme, host and port, such as http://localhost:8080/.");
        }

        return RootUri.Scheme == "https" || RootUri.IsLoopback
            ? this
            : throw Invalid($"'{RootUri}' is not encrypted, and not on this host", "Tokens would be sent in the clear: use https, or an emulator on this host.");
    }

    private static StoreException Invalid(string what, string hint) => new(Primitives.FailureKind.Failed, $"{what}.", hint);
}
