using BackupSidecar.DriveEmulator.Accounts;
using BackupSidecar.DriveEmulator.Control;
using BackupSidecar.DriveEmulator.Drives;
using BackupSidecar.DriveEmulator.Faults;
using BackupSidecar.DriveEmulator.Files;
using BackupSidecar.DriveEmulator.Http;
using BackupSidecar.DriveEmulator.Limits;
using BackupSidecar.DriveEmulator.Listing;
using BackupSidecar.DriveEmulator.OAuth;
using BackupSidecar.DriveEmulator.Uploads;

namespace BackupSidecar.DriveEmulator;

/// <summary>All state of one emulator and the calls on it, put together. It knows no socket.</summary>
internal sealed class Emulator : IDisposable
{
    private readonly CallDispatcher _dispatcher;
    private readonly DataLock _lock;

    public Emulator(EmulatorOptions options)
    {
        Options = options;
        var data = Directory.CreateDirectory(options.DataDirectory).FullName;
        _lock = DataLock.Take(data);
        string In(string name) => Path.Combine(data, name);

        Clock = new EmulatorClock(options.Time, In("clock"));
        Requests = new RequestLog(options.RequestLogMax);
        Faults = new FaultScript(options.Time);
        Tokens = new TokenBook(In("oauth.json"), options, Clock);
        var ids = new FileIds(In("id-key"));
        var contents = new ContentFolder(In("content"));
        var files = new FileIndex(In("files"), ids, Clock);
        var sessions = new SessionBook(In("sessions"), contents, files, Clock);
        contents.Sweep(files.All().Select(file => file.Content?.Name).OfType<string>().Concat(sessions.ContentNames()).ToHashSet(StringComparer.Ordinal));

        Listed = new ListedFiles(files, ids, Clock);
        var rights = new FileRights(files);
        var budget = new UnitBudget(options, Clock);
        var work = new FileWork(files, rights, ids, contents, budget, options, Clock);
        var fileCalls = new FileCalls(files, rights, work, ids);
        IReadOnlyList<CallRoute> routes =
        [
            new AboutCall(files, options).Route(),
            .. fileCalls.Routes(),
            new DownloadCall(rights, contents).Route(),
            new ListCall(files, rights, Listed, new ListPages()).Route(),
            .. new SimpleUploads(work, fileCalls, contents, options).Routes(),
            .. new ResumableUploads(sessions, work, files, fileCalls, contents, options).Routes(),
        ];
        var membership = new Membership(files);
        Grants = new GrantCalls(Tokens, membership, options);
        routes =
        [
            .. routes,
            .. new DriveCalls(files, rights, membership, ids, Clock).Routes(),
            .. new BatchCall((inner, batch) => _dispatcher!.AnswerAsync(inner, batch)).Routes(),
            .. new OAuthCalls(Tokens, new JwtAssertion(Tokens, options.Time)).Routes(),
            .. new BrowserCalls(Tokens, options).Routes(),
            .. new ControlCalls(Clock, Faults, Listed, Requests).Routes(),
            .. Grants.Routes(),
        ];
        _dispatcher = new CallDispatcher(routes, new CallerSource(Tokens, options), budget, Faults, Requests, Clock);
    }

    public EmulatorOptions Options { get; }

    public EmulatorClock Clock { get; }

    public RequestLog Requests { get; }

    public FaultScript Faults { get; }

    public ListedFiles Listed { get; }

    public TokenBook Tokens { get; }

    public GrantCalls Grants { get; }

    public Task AnswerAsync(HttpContext http) => _dispatcher.AnswerAsync(http, outer: null);

    public void Dispose() => _lock.Dispose();
}
