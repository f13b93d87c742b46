using System.Globalization;
using BackupSidecar.Primitives;

namespace BackupSidecar.Store.FileSystem;

/// <summary>Leases in a directory beside the objects, which no listing shows: <c>NUMBER.json</c>, created without replacing, and what was announced under it beside it.</summary>
/// <remarks>An announcement replaces the one before by a rename and looks for a later lease afterwards; who takes over creates his lease first and reads afterwards. So each sees the other if it came later.</remarks>
/// <param name="root">The store's directory.</param>
/// <param name="directories">Of the store.</param>
/// <param name="errors">Of the store.</param>
/// <param name="stage">Makes a staged file for a path, by the store's rules.</param>
internal sealed class FileSystemLeases(string root, DurableDirectories directories, FileSystemErrors errors, Func<ObjectName, string, FileSystemStagedObject> stage)
{
    public const string DirectoryName = ".leases";

    private const string LeaseSuffix = ".json";
    private const string AnnouncementSuffix = ".announced";

    private string Folder => Path.Join(root, DirectoryName);

    public async ValueTask<StoredLease?> FindNewestAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var number = NewestNumber();
        return number == 0 ? null : new StoredLease(number, await ReadAsync(number, LeaseSuffix, ct) ?? throw errors.Of(Errno.NoEntry, "read", NameOf(number, LeaseSuffix)));
    }

    public async ValueTask<StoredLease?> TryCreateAsync(StoredLease? newest, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, ILeaseStore.SizeMax);
        var number = (newest?.Number ?? 0) + 1;
        if (NewestNumber() >= number)
        {
            return null;
        }

        await using var staged = StageFile(number, LeaseSuffix);
        await staged.Content.WriteAsync(content, ct);
        try
        {
            await staged.PublishAsync(ct);
        }
        catch (ObjectExistsException)
        {
            return null;
        }

        return new StoredLease(number, content.ToArray());
    }

    public async ValueTask<bool> AnnounceAsync(StoredLease lease, ReadOnlyMemory<byte> announcement, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(announcement.Length, ILeaseStore.SizeMax);
        if (NewestNumber() != lease.Number)
        {
            return false;
        }

        await using var staged = StageFile(lease.Number, AnnouncementSuffix);
        await staged.Content.WriteAsync(announcement, ct);
        ct.ThrowIfCancellationRequested();
        await staged.ReplaceAsync();
        return NewestNumber() == lease.Number;
    }

    public ValueTask<byte[]?> ReadAnnouncementAsync(StoredLease lease, CancellationToken ct) => ReadAsync(lease.Number, AnnouncementSuffix, ct);

    private FileSystemStagedObject StageFile(long number, string suffix)
    {
        var name = NameOf(number, suffix);
        directories.Create(Folder);
        return stage(ObjectName.Parse($"leases/{name}"), Path.Join(Folder, name));
    }

    /// <summary>0: there is none.</summary>
    private long NewestNumber()
    {
        try
        {
            return Directory.Exists(Folder) ? Directory.EnumerateFiles(Folder, "*" + LeaseSuffix).Select(path => NumberOf(Path.GetFileNameWithoutExtension(path))).DefaultIfEmpty(0).Max() : 0;
        }
        catch (Exception e) when (FileSystemErrors.IsFileError(e))
        {
            throw errors.Of(e, "list", DirectoryName);
        }
    }

    private async ValueTask<byte[]?> ReadAsync(long number, string suffix, CancellationToken ct)
    {
        // Not by the base library, which would ask for a lock that a writer holds on what it has just put there.
        var name = NameOf(number, suffix);
        var error = LibC.Open(Path.Join(Folder, name), LibC.OpenReadOnly | LibC.OpenNonBlocking, out var file);
        using (file)
        {
            if (error is Errno.NoEntry or Errno.NotDirectory)
            {
                return null;
            }

            if (error != 0)
            {
                throw errors.Of(error, "read", name);
            }

            var stored = new FileSystemStoredObject(ObjectName.Parse($"leases/{name}"), file, RandomAccess.GetLength(file), root, errors);
            var bytes = new byte[stored.Length];
            await stored.ReadAsync(0, bytes, ct);
            return bytes;
        }
    }

    private static string NameOf(long number, string suffix) => number.ToString("D20", CultureInfo.InvariantCulture) + suffix;

    private static long NumberOf(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
