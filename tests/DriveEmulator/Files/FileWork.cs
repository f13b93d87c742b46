using System.Text;
using BackupSidecar.DriveEmulator.Http;
using BackupSidecar.DriveEmulator.Limits;

namespace BackupSidecar.DriveEmulator.Files;

/// <summary>Creates, updates and deletes: what is allowed, and how it is done.</summary>
internal sealed class FileWork(FileIndex files, FileRights rights, FileIds ids, ContentFolder contents, UnitBudget budget, EmulatorOptions options, TimeProvider time)
{
    private const string UnknownType = "application/octet-stream";

    /// <param name="size">Of the content, as far as the caller has said; null: unknown, or none.</param>
    /// <exception cref="DriveException">The caller may not, the id is taken, the parent is none, the quota is full.</exception>
    public FilePlan PlanCreate(Call call, FileMetadata metadata, string? contentType, long? size)
    {
        FileRights.EnsureWriteScope(call.Caller);
        var parents = metadata.Parents ?? [];
        if (parents.Count > 1)
        {
            throw DriveException.Invalid("parents", "A file has exactly one parent.");
        }

        var parent = rights.Folder(call, parents.Count == 0 ? "root" : parents[0]);
        if (metadata.Id is { } id)
        {
            EnsureFree(id);
        }

        var plan = new FilePlan(IsUpdate: false, metadata.Id ?? ids.Next(), parent.Id, metadata.Json, contentType, call.Caller, call.Parameter("fields"));
        EnsureSpace(plan, metadata, size ?? 0);
        _ = FileEdit.Apply(NewFile(plan, metadata), metadata, call.Caller.ClientId, time.GetUtcNow());
        return plan;
    }

    /// <exception cref="DriveException">The caller may not, there is no such file, the new parent is none, the quota is full.</exception>
    public FilePlan PlanUpdate(Call call, string id, FileMetadata metadata, string? contentType, long? size)
    {
        var file = rights.Write(call, id, metadata.Trashed is null ? "writer" : "fileOrganizer");
        var parent = call.Parameter("addParents") is { } added ? rights.Folder(call, added) : null;
        EnsureMayMove(file, parent);
        if (metadata.Parents is not null)
        {
            throw new DriveException(403, "fieldNotWritable", "The parents field is not directly writable in update requests. Use the addParents and removeParents parameters instead.");
        }

        if (metadata.Id is { } named && named != file.Id)
        {
            throw new DriveException(403, "fieldNotWritable", "The resource body includes fields which are not directly writable.");
        }

        var plan = new FilePlan(IsUpdate: true, file.Id, parent?.Id, metadata.Json, contentType, call.Caller, call.Parameter("fields"));
        EnsureSpace(plan, metadata, size ?? 0);
        _ = FileEdit.Apply(file, metadata, call.Caller.ClientId, time.GetUtcNow());
        return plan;
    }

    /// <summary>Does what was planned. From the return on, the file is there for everybody and after a restart.</summary>
    /// <param name="content">Null: metadata only.</param>
    /// <param name="session">The resumable session that ends with it, or null.</param>
    /// <exception cref="DriveException">409: meanwhile another create took the id; 404: meanwhile the file was deleted; 403: meanwhile the quota is full.</exception>
    public DriveFile Do(FilePlan plan, FileContent? content, string? session)
    {
        var metadata = FileMetadata.Parse(Encoding.UTF8.GetBytes(plan.Metadata.ToJsonString()));
        if (content is not null)
        {
            EnsureSpace(plan, metadata, content.Size);
            budget.TakeUpload(plan.Caller.Account, content.Size);
        }

        if (!plan.IsUpdate)
        {
            var created = FileEdit.Apply(NewFile(plan, metadata), metadata, plan.Caller.ClientId, time.GetUtcNow());
            return files.Create(created with { Content = content, Session = session });
        }

        FileContent? replaced = null;
        var updated = files.Update(plan.FileId, file =>
        {
            var changed = FileEdit.Apply(file, metadata, plan.Caller.ClientId, time.GetUtcNow());
            if (plan.ParentId is { } parentId && files.Find(parentId) is { } parent)
            {
                changed = changed with { ParentId = parentId, DriveId = parent.DriveId, Owner = parent.DriveId is null ? file.Owner ?? plan.Caller.Account : null };
            }

            if (content is not null)
            {
                replaced = file.Content;
                changed = changed with { Content = content, Session = session, MimeType = metadata.MimeType ?? plan.ContentType ?? file.MimeType };
            }

            return changed;
        });
        contents.Delete(replaced);
        return updated;
    }

    /// <exception cref="DriveException">The caller may not, or there is no such file.</exception>
    public void Delete(Call call, string id)
    {
        var file = rights.Write(call, id, "organizer");
        if (file.IsRoot)
        {
            throw new DriveException(403, "insufficientFilePermissions", "The user does not have sufficient permissions for this file.");
        }

        Delete(file.Id);
    }

    /// <summary>Deletes all that an account has in its trash, as far as the app sees it.</summary>
    public void EmptyTrash(Call call)
    {
        FileRights.EnsureScope(call.Caller.MayWriteAll);
        foreach (var file in files.All().Where(file => file.IsTrashed && file.Owner == call.Caller.Account && rights.Sees(call, file)))
        {
            Delete(file.Id);
        }
    }

    private void Delete(string id)
    {
        foreach (var gone in files.Delete(id))
        {
            contents.Delete(gone.Content);
        }
    }

    private void EnsureMayMove(DriveFile file, DriveFile? parent)
    {
        if (parent is null)
        {
            return;
        }

        if (file.IsRoot || parent.Id == file.Id || files.FoldersAbove(parent).Any(folder => folder.Id == file.Id))
        {
            throw new DriveException(400, "badRequest", "The folder cannot be moved there: a folder does not lie in itself, and a root in nothing.");
        }

        if (file.IsFolder && file.DriveId != parent.DriveId)
        {
            throw new DriveException(403, "teamDrivesFolderMoveInNotSupported", "Moving folders into or out of shared drives is not supported.");
        }
    }

    private void EnsureFree(string id)
    {
        if (!ids.IsOurs(id))
        {
            throw DriveException.Invalid("id", "The provided file ID is not usable.");
        }

        if (files.IsUsed(id))
        {
            throw DriveException.IdInUse();
        }
    }

    private void EnsureSpace(FilePlan plan, FileMetadata metadata, long size)
    {
        var folder = plan.ParentId is { } parent ? files.Find(parent) : null;
        var file = plan.IsUpdate ? files.Find(plan.FileId) : null;
        if ((file ?? folder)?.DriveId is not null || metadata.MimeType == DriveFile.FolderType || file is { IsFolder: true })
        {
            return;
        }

        var owner = file?.Owner ?? plan.Caller.Account;
        if (plan.Caller.IsServiceAccount && owner == plan.Caller.Account)
        {
            throw Full("Service Accounts do not have storage quota. Leverage shared drives, or use OAuth delegation instead.");
        }

        if (files.UsageOf(owner) - (file?.Size ?? 0) + size > options.QuotaBytes && size > 0)
        {
            throw Full("The user's Drive storage quota has been exceeded.");
        }
    }

    private DriveFile NewFile(FilePlan plan, FileMetadata metadata)
    {
        var folder = files.Find(plan.ParentId!) ?? throw DriveException.NotFound(plan.ParentId!);
        var now = time.GetUtcNow();
        return new DriveFile
        {
            Id = plan.FileId,
            Name = "Untitled",
            MimeType = metadata.MimeType ?? plan.ContentType ?? UnknownType,
            ParentId = plan.ParentId,
            Owner = folder.DriveId is null ? plan.Caller.Account : null,
            DriveId = folder.DriveId,
            CreatedBy = plan.Caller.ClientId,
            Created = now,
            Modified = now,
        };
    }

    private static DriveException Full(string message) => new(403, "storageQuotaExceeded", message);
}
