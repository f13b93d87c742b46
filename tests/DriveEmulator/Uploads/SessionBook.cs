using System.Buffers.Text;
using System.Security.Cryptography;
using BackupSidecar.DriveEmulator.Files;
using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Uploads;

/// <summary>All resumable sessions, on disk one JSON document each; they end a week after their start.</summary>
internal sealed class SessionBook
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, UploadSession> _sessions = new(StringComparer.Ordinal);
    private readonly string _folder;
    private readonly ContentFolder _contents;
    private readonly EmulatorClock _clock;

    public SessionBook(string folder, ContentFolder contents, FileIndex files, EmulatorClock clock)
    {
        _folder = folder;
        _contents = contents;
        _clock = clock;
        foreach (var document in AtomicFile.ReadAll<SessionDocument>(folder))
        {
            var session = new UploadSession(document);
            _sessions[document.Id] = session;

            // Killed between the file's own commit and this note of it.
            if (!document.IsDone && files.Find(document.Plan.FileId)?.Session == document.Id)
            {
                Finish(session);
            }

            if (IsOver(session))
            {
                Remove(session);
            }
        }
    }

    /// <summary>Contents that unfinished sessions are filling.</summary>
    public IEnumerable<string> ContentNames() => _sessions.Values.Where(session => !session.Document.IsDone).Select(session => session.Document.ContentName);

    public UploadSession Start(FilePlan plan, long? total)
    {
        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(48));
        var session = new UploadSession(new SessionDocument(id, plan, ContentFolder.NewName(), total, _clock.GetUtcNow(), IsDone: false));
        lock (_lock)
        {
            AtomicFile.WriteJson(PathOf(id), session.Document);
            _sessions[id] = session;
        }

        return session;
    }

    /// <exception cref="DriveException">404: there never was such a session, or it is over.</exception>
    public UploadSession Find(string id)
    {
        UploadSession? session;
        lock (_lock)
        {
            session = _sessions.GetValueOrDefault(id);
        }

        if (session is not null && IsOver(session))
        {
            Remove(session);
            session = null;
        }

        return session ?? throw Gone(404);
    }

    /// <summary>Notes that the Drive file has its content.</summary>
    public void Finish(UploadSession session)
    {
        session.Document = session.Document with { IsDone = true };
        AtomicFile.WriteJson(PathOf(session.Document.Id), session.Document);
    }

    /// <summary>With what is stored of it, unless that has become a file's content.</summary>
    public void Remove(UploadSession session)
    {
        lock (_lock)
        {
            _sessions.Remove(session.Document.Id);
            File.Delete(PathOf(session.Document.Id));
            if (!session.Document.IsDone)
            {
                File.Delete(_contents.PathOf(session.Document.ContentName));
            }
        }
    }

    public static DriveException Gone(int status) => new(status, status == 410 ? "gone" : "notFound", "The upload session is not found or has expired; start a new one.");

    private bool IsOver(UploadSession session) => _clock.GetUtcNow() - session.Document.Started >= Lifetime;

    private string PathOf(string id) => Path.Combine(_folder, id + ".json");
}
