using System.Globalization;
using System.Text;
using BackupSidecar.Primitives;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>What processes of this machine have put and deleted lately, so that the one after a kill knows it as well, whatever a listing that lags shows: a line each in the state directory.</summary>
/// <remarks>
/// <c>TICKS + ID SIZE MD5 NAME</c> and <c>TICKS - ID NAME</c>. A line that a kill has torn says nothing. What cannot be written is not known to the next process, which matters only where a listing lags as
/// well: nothing fails for it.
/// </remarks>
/// <param name="path">Of the file; its directory is there when something is put.</param>
/// <param name="time">For the age of lines.</param>
internal sealed class RecentObjects(string path, TimeProvider time)
{
    /// <summary>No listing is known to lag for longer than minutes.</summary>
    private static readonly TimeSpan AgeMax = TimeSpan.FromDays(1);

    /// <summary>Lines that are kept; with twice as many the older half goes.</summary>
    private const int CountMax = 5_000;

    private readonly Lock _gate = new();
    private int _count;

    public void Put(string name, KnownFile file) => Append(string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow().UtcTicks} + {file.Id} {file.Size} {(file.Md5.Length > 0 ? file.Md5 : "-")} {name}\n"));

    public void Deleted(string name, IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            Append(string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow().UtcTicks} - {id} {name}\n"));
        }
    }

    /// <summary>Tells all that is not too old, in order, and forgets the rest.</summary>
    /// <param name="put">Called with what was put.</param>
    /// <param name="deleted">Called with a name and the id of its file.</param>
    public void Read(Action<string, KnownFile> put, Action<string, string> deleted)
    {
        lock (_gate)
        {
            Trim_NeedsLock();
            foreach (var line in Lines())
            {
                switch (line.Split(' '))
                {
                    case [_, "+", var id, var size, var md5, var name] when ObjectName.TryParse(name, out _) && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes):
                        put(name, new KnownFile(id, bytes, md5 == "-" ? "" : md5));
                        break;
                    case [_, "-", var id, var name] when ObjectName.TryParse(name, out _):
                        deleted(name, id);
                        break;
                    default:
                        continue;
                }
            }
        }
    }

    private void Append(string line)
    {
        lock (_gate)
        {
            try
            {
                using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, UnixCreateMode = PrivateFile.OwnerOnly, BufferSize = 0 });
                file.Write(Encoding.ASCII.GetBytes(line));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return;
            }

            if (++_count > 2 * CountMax)
            {
                Trim_NeedsLock();
            }
        }
    }

    private void Trim_NeedsLock()
    {
        var oldest = (time.GetUtcNow() - AgeMax).UtcTicks;
        string[] kept = [.. Lines().Where(line => long.TryParse(line.AsSpan(0, Math.Max(0, line.IndexOf(' '))), NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at >= oldest).TakeLast(CountMax)];
        _count = kept.Length;
        if (kept.Length == 0)
        {
            File.Delete(path);
            return;
        }

        PrivateFile.Write(path, Encoding.ASCII.GetBytes(string.Join('\n', kept) + '\n'));
    }

    private string[] Lines()
    {
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
