using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BackupSidecar.Primitives;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>Uploads that were begun and are not known to have ended: one file each, in the state directory, with the mode 0600.</summary>
/// <param name="directory">Made when it is first needed.</param>
/// <param name="time">For the age of records.</param>
internal sealed class UploadJournal(string directory, TimeProvider time)
{
    private const string Suffix = ".json";

    /// <summary>Sessions live for a week. A record past it proves nothing that a look at the folder does not.</summary>
    private static readonly TimeSpan AgeMax = TimeSpan.FromDays(8);

    /// <summary>Uploads that were given up for good, such as of packs that were merged meanwhile. Past it the oldest records go; the files that they may have made are what prune removes.</summary>
    private const int CountMax = 1_000;

    /// <summary>Uploads that are begun between two sweeps: where all fail for weeks, as with a full account, their records must not fill the disk.</summary>
    private const int SweepEvery = 100;

    private int _begun;

    public int Count => Directory.Exists(directory) ? Files().Count() : 0;

    /// <returns>Null: none was begun, or its record cannot be read any more.</returns>
    public UploadRecord? Find(ObjectName name)
    {
        var record = Read(PathOf(name));
        return record?.Name == name.ToString() ? record : null;
    }

    private UploadRecord? Read(string path)
    {
        try
        {
            var record = File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllText(path), UploadJson.Default.UploadRecord) : null;
            return record is { Id.Length: > 0 } && ObjectName.TryParse(record.Name, out _) && time.GetUtcNow() - record.BegunAt < AgeMax ? record : null;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(FailureKind.Failed, $"Cannot read the journal of uploads in {directory}: {e.Message}", "Check the permissions of the state directory.", e);
        }
    }

    /// <summary>Every record that can be read.</summary>
    public IReadOnlyList<UploadRecord> All() => Directory.Exists(directory) ? [.. Files().Select(file => Read(file.FullName)).OfType<UploadRecord>()] : [];

    public UploadRecord Begin(ObjectName name, string id, long length)
    {
        if (Interlocked.Increment(ref _begun) % SweepEvery == 0)
        {
            Sweep();
        }

        return Write(new UploadRecord(name.ToString(), id, length, Session: null, time.GetUtcNow()));
    }

    public UploadRecord Write(UploadRecord record)
    {
        PrivateFile.CreateDirectory(directory);
        PrivateFile.Write(PathOf(ObjectName.Parse(record.Name)), JsonSerializer.SerializeToUtf8Bytes(record, UploadJson.Default.UploadRecord));
        return record;
    }

    /// <summary>The upload has ended: well, or for good.</summary>
    public void Remove(ObjectName name)
    {
        try
        {
            File.Delete(PathOf(name));
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing was ever begun.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(FailureKind.Failed, $"Cannot remove from the journal of uploads in {directory}: {e.Message}", "Check the permissions of the state directory.", e);
        }
    }

    /// <summary>Removes what is too old, and the oldest of too many. What cannot be removed is left to the next sweep.</summary>
    public void Sweep()
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        var now = time.GetUtcNow().UtcDateTime;
        var kept = 0;
        foreach (var file in Files().OrderByDescending(file => file.LastWriteTimeUtc))
        {
            if (file.Extension != Suffix || now - file.LastWriteTimeUtc > AgeMax || ++kept > CountMax)
            {
                try
                {
                    file.Delete();
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    continue;
                }
            }
        }
    }

    private IEnumerable<FileInfo> Files() => new DirectoryInfo(directory).EnumerateFiles();

    private string PathOf(ObjectName name) => Path.Join(directory, Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(name.ToString()))[..16]) + Suffix);
}
