using BackupSidecar.Primitives;
using BackupSidecar.Store;

namespace BackupSidecar.Repository;

/// <summary>Objects that are read and written in one piece.</summary>
internal static class SmallObjects
{
    /// <param name="store">Where it lies.</param>
    /// <param name="name">Its name.</param>
    /// <param name="lengthMax">Bytes. A larger object is not read: it is not what its name says.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async ValueTask<byte[]> ReadSmallAsync(this IObjectStore store, ObjectName name, int lengthMax, CancellationToken ct)
    {
        await using var stored = await store.OpenAsync(name, ct);
        if (stored.Length > lengthMax)
        {
            throw new DocumentFormatException(name.ToString(), store.Location, $"it has {stored.Length} bytes, at most {lengthMax} are possible");
        }

        var bytes = new byte[stored.Length];
        await stored.ReadAsync(0, bytes, ct);
        return bytes;
    }

    /// <summary>Publishes a new object; fails with <see cref="ObjectExistsException"/> if the name is taken.</summary>
    public static async ValueTask PublishSmallAsync(this IObjectStore store, ObjectName name, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        await using var staged = await store.StageAsync(name, ct);
        await staged.Content.WriteAsync(bytes, ct);
        await staged.PublishAsync(ct);
    }
}
