using BackupSidecar.Capture;
using BackupSidecar.Source;
using BackupSidecar.Testing;
using BackupSidecar.Tests.Source;
using Xunit;

namespace BackupSidecar.Tests.Capture;

/// <summary>An application with a database in WAL mode, this process attached to it, and a copy of the database that follows by the log alone.</summary>
internal sealed class LogScene : IAsyncDisposable
{
    private string _copy = "";

    public SourceBench Bench { get; } = new();

    public WriterProcess App => Bench.App;

    public AttachedDatabase Database { get; private set; } = null!;

    public WalCursor Cursor { get; private set; }

    /// <param name="before">What the application does before the copy is made.</param>
    public static async Task<LogScene> StartAsync(string before = "")
    {
        var scene = new LogScene();
        await scene.Bench.StartAppAsync("wal");
        await scene.App.ExecuteAsync("app", $"PRAGMA wal_autocheckpoint=0; {before}");
        scene.Database = AttachedDatabase.TryAttach(SourceFile.Resolve(scene.Bench.Path), out var reason) ?? throw new InvalidOperationException(reason);
        using var image = scene.Database.OpenImage();
        scene.Cursor = image.Facts.Cursor!.Value;
        scene._copy = scene.Bench.Write(image);
        return scene;
    }

    public LogOutcome Find() => LogCapture.Find(Database, Cursor, isOfThisAttachment: true);

    /// <summary>Brings the copy up by the log, in the way that is expected: it is the database then.</summary>
    public async Task AssertFollowsAsync(CaptureMethod method)
    {
        Follow(method);
        using var image = SourceBench.Open(Bench.Path);
        Assert.Null(await Bench.Outside.DifferenceAsync(Bench.Write(image), _copy));
        Assert.Equal(image.Facts.Cursor, Cursor);
    }

    /// <summary>The same where free pages may hold anything: the copy is sound, and says what the database says.</summary>
    /// <returns>How many pages were told.</returns>
    public async Task<int> AssertFollowsInContentAsync(CaptureMethod method)
    {
        var told = Follow(method);
        var copy = Bench.NewPath("copy.db");
        File.Copy(_copy, copy);
        await Bench.Outside.OpenAsync(copy, copy);
        Assert.Equal("ok", await Bench.Outside.ScalarAsync(copy, "PRAGMA integrity_check"));
        Assert.Equal(await App.ContentAsync("app"), await Bench.Outside.ContentAsync(copy));
        await Bench.Outside.CloseAsync(copy);
        return told;
    }

    public void AssertRefused(string reason)
    {
        var outcome = Find();
        Assert.Null(outcome.Changes);
        Assert.Contains(reason, outcome.Refusal, StringComparison.Ordinal);
        Assert.False(outcome.LostCommits);
    }

    public async ValueTask DisposeAsync()
    {
        Database.Dispose();
        await Bench.DisposeAsync();
    }

    private int Follow(CaptureMethod method)
    {
        var outcome = Find();
        Assert.Null(outcome.Refusal);
        using var changes = outcome.Changes!;
        Assert.Equal(method, changes.Method);
        Apply(changes);
        Cursor = changes.Cursor;
        return changes.Pages.Count;
    }

    private void Apply(LogChanges changes)
    {
        using var file = File.OpenHandle(_copy, FileMode.Open, FileAccess.ReadWrite);
        var page = new byte[changes.Shape.PageSizeBytes];
        for (var i = 0; i < changes.Pages.Count; i++)
        {
            changes.Read(i, page);
            RandomAccess.Write(file, page, changes.Shape.OffsetOf(changes.Pages[i]));
        }

        changes.EnsureProved();
        RandomAccess.SetLength(file, changes.Shape.Bytes);
    }
}
