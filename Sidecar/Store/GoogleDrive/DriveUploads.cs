using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using BackupSidecar.Primitives;
using BackupSidecar.Store.GoogleDrive.Client;
using BackupSidecar.Store.GoogleDrive.Traffic;
using Google.Apis.Upload;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>Puts objects into the folder, each exactly once.</summary>
/// <remarks>
/// (1) The name is free, as far as this process and, for names that are not random, a listing can tell
/// (2) An id from Drive is journaled with name and length              ◄ from here on a repetition creates nothing twice
/// (3) Content is sent under that id: in one request, or by a session that is journaled as well
/// (4) What Drive says of the file, md5 and size, is what was sent     ◄ the object exists from here on
/// (5) The journal forgets it
/// A crash before (4) leaves no file, or a whole one under the journaled id: the next put of the name finds it by that id.
/// </remarks>
internal sealed class DriveUploads(DriveConnection connection, KnownObjects known, UploadJournal journal)
{
    /// <summary>Sessions of one upload. Drive ends one after a week, or when it feels like it; a sixth time is no accident.</summary>
    private const int SessionsMax = 5;

    private readonly NameTurns _turns = new();

    public async ValueTask PutAsync(ObjectName name, IStoredObject content, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        using var turn = await _turns.EnterAsync(name.ToString(), ct);

        // (1)
        var record = journal.Find(name);
        await ThrowIfTakenAsync(name, record, ct);
        if (record is not null && record.Length != content.Length && await connection.FindAsync(record.Id, $"look for '{name}'", ct) is { Trashed: not true })
        {
            // An earlier put of other content had come through without knowing it.
            throw Taken(name);
        }

        // (2)
        var isEarlier = record is not null && record.Length == content.Length;
        record = isEarlier ? record! : journal.Begin(name, await connection.Ids.NextAsync(ct), content.Length);

        // (3)
        var (file, md5, wasThere) = await SendContentAsync(name, record, content, ct);
        if (file is null || (file.Trashed == true && wasThere))
        {
            // The id belonged to a file that was deleted since; its journal was left behind.
            record = journal.Begin(name, await connection.Ids.NextAsync(ct), content.Length);
            (file, md5, wasThere) = await SendContentAsync(name, record, content, ct);
            isEarlier = false;
        }

        // (4)
        if (file is { Trashed: true })
        {
            // A new file is there only with its folder.
            await connection.DeleteAsync(record.Id, $"delete '{name}', which went to the trash", ct);
            journal.Remove(name);
            throw new StoreException(
                FailureKind.Failed,
                $"{connection.Location} is in the trash, or a folder above it is: what is put there, and all that it holds, is deleted by Drive after 30 days.",
                "Take the folder out of the trash at https://drive.google.com/drive/trash. serve then goes on by itself.");
        }

        if (file is null || file.Size != content.Length || !string.Equals(file.Md5Checksum, md5, StringComparison.OrdinalIgnoreCase))
        {
            throw isEarlier && wasThere && file is not null ? Taken(name) : await DiscardAsync(name, record, file, content.Length, md5);
        }

        known.AddOwn(name.ToString(), new KnownFile(record.Id, content.Length, md5));

        // (5)
        journal.Remove(name);
    }

    private async ValueTask ThrowIfTakenAsync(ObjectName name, UploadRecord? record, CancellationToken ct)
    {
        var step = $"look for '{name}'";
        foreach (var file in known.Find(name.ToString()).Where(file => file.Id != record?.Id))
        {
            if (await connection.FindAsync(file.Id, step, ct) is { Trashed: not true })
            {
                throw new ObjectExistsException(name, connection.Location);
            }

            known.Forget(name.ToString());
        }

        if (DriveNames.IsRandom(name))
        {
            return;
        }

        await foreach (var file in connection.ListAsync(DriveNames.QueryFor(name), step, ct))
        {
            if (file.Id != record?.Id && !known.IsDeleted(file.Id!) && DriveNames.TryRead(file, out var found) && found == name
                && await connection.FindAsync(file.Id!, step, ct) is { Trashed: not true })
            {
                throw new ObjectExistsException(name, connection.Location);
            }
        }
    }

    private ValueTask<(DriveFile? File, string Md5, bool WasThere)> SendContentAsync(ObjectName name, UploadRecord record, IStoredObject content, CancellationToken ct) =>
        content.Length <= connection.Options.OneRequestBytesMax ? SendWholeAsync(name, record, content, ct) : SendBySessionAsync(name, record, content, ct);

    private async ValueTask<(DriveFile? File, string Md5, bool WasThere)> SendWholeAsync(ObjectName name, UploadRecord record, IStoredObject content, CancellationToken ct)
    {
        var bytes = new byte[content.Length];
        await content.ReadAsync(0, bytes, ct);
#pragma warning disable CA5351 // As Drive tells it; see UploadContent.
        var md5 = Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351
        try
        {
            return (await CompleteAsync(await connection.Retry.CallAsync(
                $"upload '{name}'", token => connection.Service.Files.CreateMultipart(BodyOf(name, record), bytes).ExecuteAsync(token), ct), name, record, ct), md5, false);
        }
        catch (DriveCallException e) when (e.Fault == DriveFaultKind.Exists)
        {
            return (await connection.FindAsync(record.Id, $"look for '{name}'", ct), md5, true);
        }
    }

    private async ValueTask<(DriveFile? File, string Md5, bool WasThere)> SendBySessionAsync(ObjectName name, UploadRecord record, IStoredObject content, CancellationToken ct)
    {
        await using var stream = new UploadContent(content);
        var persisted = 0L;
        DriveFile? file = null;
        for (var sessions = 1; ;)
        {
            var before = persisted;
            try
            {
                file = await connection.Retry.CallAsync($"upload '{name}'", SendAsync, ct);
                break;
            }
            catch (DriveCallException e) when (e.IsPassing && persisted > before)
            {
                // It moves: the repetitions count anew.
            }
            catch (DriveCallException e) when (e.Fault == DriveFaultKind.Missing && record.Session is not null && sessions < SessionsMax)
            {
                // The session is gone. It may have done its work before.
                file = await connection.FindAsync(record.Id, $"look for '{name}'", ct);
                if (file is not null)
                {
                    break;
                }

                sessions++;
                persisted = 0;
                record = journal.Write(record with { Session = null });
            }
            catch (DriveCallException e) when (e.Fault == DriveFaultKind.Exists)
            {
                file = await connection.FindAsync(record.Id, $"look for '{name}'", ct);
                break;
            }
        }

        var wasThere = !stream.WasRead;
        return (file is null ? null : await CompleteAsync(file, name, record, ct), await stream.HashAsync(ct), wasThere);

        async Task<DriveFile> SendAsync(CancellationToken token)
        {
            var upload = connection.Service.Files.Create(BodyOf(name, record), stream, DriveFile.ContentType);
            upload.ChunkSize = connection.Options.ChunkBytes;
            upload.UploadSessionData += session => record = journal.Write(record with { Session = session.UploadUri.AbsoluteUri });
            var last = -1L;
            upload.ProgressChanged += OnProgress;
            var result = record.Session is { } session ? await upload.ResumeAsync(new Uri(session), token) : await upload.UploadAsync(token);
            if (result.Exception is { } exception)
            {
                ExceptionDispatchInfo.Throw(exception);
            }

            return upload.ResponseBody ?? throw new UnexpectedAnswerException("the upload ended without saying as what");

            void OnProgress(IUploadProgress progress)
            {
                // The library would send a piece that Drive does not keep again and again, without a pause. Thrown here it becomes the attempt's failure.
                if (progress.Status == UploadStatus.Uploading && progress.BytesSent <= last)
                {
                    throw new UnexpectedAnswerException("a piece of the upload was not kept");
                }

                last = progress.BytesSent;
                persisted = Math.Max(persisted, last);
            }
        }
    }

    /// <summary>The answer to an upload may leave out what it was asked for.</summary>
    private async ValueTask<DriveFile?> CompleteAsync(DriveFile file, ObjectName name, UploadRecord record, CancellationToken ct) =>
        file is { Md5Checksum: not null, Size: not null } ? file : await connection.FindAsync(record.Id, $"look at '{name}'", ct);

    private async ValueTask<StoreException> DiscardAsync(ObjectName name, UploadRecord record, DriveFile? file, long length, string md5)
    {
        // The file is not what it should be, and its caller may have given up: it goes in any case.
        if (file is not null)
        {
            await connection.DeleteAsync(record.Id, $"delete the damaged '{name}'", CancellationToken.None);
            known.Deleted(name.ToString(), [record.Id]);
        }

        journal.Remove(name);
        return new StoreException(
            FailureKind.VerificationFailed,
            $"What {connection.Location} stored as '{name}' is not what was sent: {file?.Size?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "no"} bytes with md5 {file?.Md5Checksum ?? "unknown"} in place of {length} with {md5}. It was deleted there.",
            "serve sends it again by itself; any other command is to be run again. If it happens again, look at what lies between this host and Drive, and at this host's memory.");
    }

    /// <summary>The id stands in the journal as ours, and something whole was under it before this put: it counts as put.</summary>
    private ObjectExistsException Taken(ObjectName name)
    {
        journal.Remove(name);
        return new ObjectExistsException(name, connection.Location);
    }

    private DriveFile BodyOf(ObjectName name, UploadRecord record) => new()
    {
        Id = record.Id,
        Name = name.ToString(),
        MimeType = DriveFile.ContentType,
        Parents = [connection.Options.FolderId],
        AppProperties = DriveNames.PropertiesOf(name),
    };
}
