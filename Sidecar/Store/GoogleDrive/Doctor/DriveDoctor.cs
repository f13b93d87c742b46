using System.Globalization;
using System.Security.Cryptography;
using BackupSidecar.Primitives;
using BackupSidecar.Store.GoogleDrive.Client;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Store.GoogleDrive.Traffic;

namespace BackupSidecar.Store.GoogleDrive.Doctor;

/// <summary>Looks at everything between this host and a folder of Drive that could keep backups from it.</summary>
/// <remarks>
/// (1) The credential's file, and whether Google gives a token for it
/// (2) Drive: reachable, the scope, the account, its storage, and this host's clock
/// (3) The shared drive, the folder, and the rights in it
/// (4) A probe file: uploaded, read back, deleted
/// What a step needs and does not have ends the examination: what comes after could only fail for the same reason.
/// </remarks>
internal sealed class DriveDoctor(DriveStoreOptions options, DriveAccounts accounts, TimeProvider time)
{
    private const int ProbeBytes = 4096;

    /// <summary>A service account's key is refused by a clock that is wrong by more than about this.</summary>
    private static readonly TimeSpan ClockMax = TimeSpan.FromMinutes(4);

    private readonly List<DriveFinding> _findings = [];

    public async ValueTask<IReadOnlyList<DriveFinding>> ExamineAsync(CancellationToken ct)
    {
        DateTimeOffset? theirs = null;
        using var connection = new DriveConnection(options with { Wire = inner => new DateReader(inner, date => theirs ??= date) }, accounts, time);

        // (1)
        if (!await TryAsync("credential", () => ExamineCredentialAsync(connection, ct)))
        {
            return _findings;
        }

        // (2)
        if (!await TryAsync("account", () => ExamineAccountAsync(connection, ct)))
        {
            return _findings;
        }

        ExamineClock(theirs);

        // (3)
        if (options.SharedDriveId is { } drive && !await TryAsync("shared drive", () => ExamineSharedDriveAsync(connection, drive, ct)))
        {
            return _findings;
        }

        if (options.FolderId.Length == 0)
        {
            Add("folder", DriveVerdict.Warning, "No folder was named, so that nothing was tried in it.", "Name it with --folder; 'repository add' makes one.");
            return _findings;
        }

        // (4)
        if (await TryAsync("folder", () => ExamineFolderAsync(connection, ct)))
        {
            _ = await TryAsync("probe file", () => ProbeAsync(connection, ct));
        }

        return _findings;
    }

    private async ValueTask ExamineCredentialAsync(DriveConnection connection, CancellationToken ct)
    {
        if (options.Credential.File is { } path && File.Exists(path) && PrivateFile.IsOpenToOthers(path))
        {
            Add("credential file", DriveVerdict.Warning, $"Others than its owner may read {path}.", $"chmod 600 {path}");
        }

        var status = await connection.Retry.CallAsync("get a token", async token => await connection.Account.CheckAsync(token), ct);
        Add("credential", DriveVerdict.Ok, $"Google gives tokens for it ({status.Kind}).", hint: null);
    }

    private async ValueTask ExamineAccountAsync(DriveConnection connection, CancellationToken ct)
    {
        var about = await connection.Retry.CallAsync(
            "look at the account",
            token =>
            {
                var request = connection.Service.About.Get();
                request.Fields = "user(emailAddress,displayName),storageQuota";
                return request.ExecuteAsync(token);
            },
            ct);
        Add("account", DriveVerdict.Ok, $"Drive answers, for {about.User?.EmailAddress ?? "an account without an address"}.", hint: null);
        var quota = about.StorageQuota;
        if (quota is { Limit: 0 } && options.SharedDriveId is null)
        {
            Add("storage", DriveVerdict.Wrong, "This account has no storage of its own.", "A service account needs a folder in a shared drive (--shared-drive), or a user to act for (--subject).");
        }
        else if (quota is { Limit: { } limit and > 0, Usage: { } usage } && options.SharedDriveId is null)
        {
            var free = Math.Max(0, limit - usage);
            var text = string.Create(CultureInfo.InvariantCulture, $"{free / (double)(1 << 30):0.0} of {limit / (double)(1 << 30):0.0} GiB are free.");
            Add("storage", free < limit / 20 ? DriveVerdict.Warning : DriveVerdict.Ok, text, free < limit / 20 ? "Free space, empty the trash, or let retention keep fewer backups." : null);
        }
        else
        {
            Add("storage", DriveVerdict.Ok, options.SharedDriveId is null ? "The account has no limit of storage." : "The files belong to the shared drive, not to this account.", hint: null);
        }
    }

    private void ExamineClock(DateTimeOffset? theirs)
    {
        if (theirs is { } date)
        {
            var off = time.GetUtcNow() - date;
            var text = string.Create(CultureInfo.InvariantCulture, $"This host's clock is {Math.Abs(off.TotalSeconds):0} s {(off < TimeSpan.Zero ? "behind" : "ahead of")} Google's.");
            Add("clock", off.Duration() > ClockMax ? DriveVerdict.Wrong : DriveVerdict.Ok, text, off.Duration() > ClockMax ? "Let the host keep its time (chrony, systemd-timesyncd)." : null);
        }
    }

    private async ValueTask ExamineSharedDriveAsync(DriveConnection connection, string id, CancellationToken ct)
    {
        try
        {
            var drive = await connection.Retry.CallAsync("look at the shared drive", token => connection.Service.Drives.Get(id).ExecuteAsync(token), ct);
            Add("shared drive", DriveVerdict.Ok, $"It is '{drive.Name}'.", hint: null);
        }
        catch (DriveCallException e) when (e.Fault == DriveFaultKind.Refused)
        {
            // What Google's reference asks for here is more than drive.file.
            Add("shared drive", DriveVerdict.Ok, "The scope drive.file does not let it be looked at as such; what can be done in it shows in the folder.", hint: null);
        }
        catch (DriveCallException e) when (e.Fault == DriveFaultKind.Missing)
        {
            throw new StoreException(FailureKind.Failed, $"The shared drive {id} does not exist, or this account is no member of it.", "Check the id, and add the account to the shared drive as a content manager.", e);
        }
    }

    private async ValueTask ExamineFolderAsync(DriveConnection connection, CancellationToken ct)
    {
        var folder = await connection.Retry.CallAsync(
            "look at the folder",
            token =>
            {
                var request = connection.Service.Files.Get(options.FolderId);
                request.Fields = $"{DriveFile.Fields},driveId,capabilities(canAddChildren,canListChildren,canEdit)";
                return request.ExecuteAsync(token);
            },
            ct);
        var (reason, hint) = folder switch
        {
            { MimeType: not DriveFile.FolderType } => ($"'{folder.Name}' is no folder.", "The id is the last part of the folder's address in a browser, after 'folders/'."),
            { Trashed: true } => ($"'{folder.Name}' is in the trash.", "Take it out of the trash; Drive deletes it after 30 days."),
            { Capabilities.CanAddChildren: false } => ($"The account may not add files to '{folder.Name}'.", "Give it the role of an editor (in a shared drive: content manager) on the folder."),
            { DriveId: { } drive } when options.SharedDriveId is null => ($"'{folder.Name}' lies in the shared drive {drive}, which was not named.", "Name it: listings leave out what lies in a shared drive otherwise."),
            { AppProperties: var properties } when properties?.ContainsKey(DriveLeases.FirstKey) != true => (
                $"'{folder.Name}' was not made by this program for a repository.", "Let 'repository add' make a folder: it holds what writers need to know of each other."),
            _ => ((string?)null, (string?)null),
        };
        Add("folder", reason is null ? DriveVerdict.Ok : DriveVerdict.Wrong, reason ?? $"It is '{folder.Name}', and files can be added.", hint);
    }

    private async ValueTask ProbeAsync(DriveConnection connection, CancellationToken ct)
    {
        var content = RandomNumberGenerator.GetBytes(ProbeBytes);
        var id = await connection.Ids.NextAsync(ct);
        var body = new DriveFile
        {
            // A name that no object has, marked as our own.
            Id = id,
            Name = $".probe-{id}",
            MimeType = DriveFile.ContentType,
            Parents = [options.FolderId],
            AppProperties = new(StringComparer.Ordinal) { [DriveLeases.KindKey] = "probe" },
        };
        try
        {
            _ = await connection.Retry.CallAsync("upload a probe file", token => connection.Service.Files.CreateMultipart(body, content).ExecuteAsync(token), ct);
            var read = new byte[ProbeBytes];
            await new DriveStoredObject(ObjectName.Parse("probe"), id, ProbeBytes, connection, time).ReadAsync(0, read, ct);
            if (!read.AsSpan().SequenceEqual(content))
            {
                throw new StoreException(FailureKind.VerificationFailed, "The probe file does not read back as it was sent.", "Look at what lies between this host and Drive, and at this host's memory.");
            }
        }
        finally
        {
            await connection.DeleteAsync(id, "delete the probe file", CancellationToken.None);
        }

        Add("probe file", DriveVerdict.Ok, "It was uploaded, read back and deleted.", hint: null);
    }

    /// <returns>False: what comes after needs what failed.</returns>
    private async ValueTask<bool> TryAsync(string check, Func<ValueTask> examine)
    {
        try
        {
            await examine();
            return !_findings.Exists(finding => finding.Verdict == DriveVerdict.Wrong);
        }
        catch (OperatorException e)
        {
            Add(check, DriveVerdict.Wrong, e.Message, e.Hint);
            return false;
        }
    }

    private void Add(string check, DriveVerdict verdict, string reason, string? hint) => _findings.Add(new DriveFinding(check, verdict, reason, hint));

    /// <summary>Reads the other side's clock from an answer.</summary>
    private sealed class DateReader(HttpMessageHandler inner, Action<DateTimeOffset> onDate) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.Headers.Date is { } date)
            {
                onDate(date);
            }

            return response;
        }
    }
}
