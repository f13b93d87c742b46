using BackupSidecar.Source;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.Tests.Source;

/// <summary>One database on a volume, the application that uses it, and an outsider that looks at files and locks.</summary>
internal sealed class SourceBench : IAsyncDisposable
{
    /// <summary>As many as a run makes: images that cannot be read in windows are then read under one hold.</summary>
    private const int AttemptsMax = 20;
    private const int AttemptsWithoutHold = 3;

    /// <summary>A transaction on the tables of <see cref="StartAppAsync"/>.</summary>
    public const string Change = "UPDATE t SET body = randomblob(800) WHERE id % 9 = 0;";

    private readonly List<WriterProcess> _processes = [];
    private int _files;

    public SourceBench()
    {
        App = Start();
        Outside = Start();
    }

    public ScratchVolume Volume { get; } = new();

    public string Path => Volume.Database;

    public WriterProcess App { get; }

    /// <summary>Opens no database of the bench: it looks at files and locks.</summary>
    public WriterProcess Outside { get; }

    public LockProbe Locks => new(Outside);

    /// <summary>Another process, disposed with the bench.</summary>
    public WriterProcess Start()
    {
        var process = WriterProcess.Start();
        _processes.Add(process);
        return process;
    }

    public string NewPath(string name) => Volume.Elsewhere($"{++_files}-{name}");

    /// <summary>Opens an image as a run does: again when the database changed meanwhile, in the end under a hold.</summary>
    /// <returns>The path of a file with the image, and what was known of it.</returns>
    public (string File, ImageFacts Facts) Read(string? path = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var image = Open(path ?? Path, hold: attempt > AttemptsWithoutHold);
                return (Write(image), image.Facts);
            }
            catch (ImageChangedException) when (attempt < AttemptsMax)
            {
                // Start over, as a run does.
            }
        }
    }

    /// <summary>Reads half of an image, lets the application's load commit, reads the other half.</summary>
    public async Task<string> ReadWhileAppCommitsAsync(int commits)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var image = Open(Path);
                var file = NewPath("image.db");
                using var output = new ImageFile(image, file);
                output.WriteTo(image.Facts.Shape.PageCount / 2);
                await App.AwaitCommitsAsync(commits);
                output.Finish();
                return file;
            }
            catch (ImageChangedException) when (attempt < AttemptsMax)
            {
                // Start over, as a run does.
            }
        }
    }

    public static IDatabaseImage Open(string path, bool hold = false) => SourceDatabase.OpenImage(SourceFile.Resolve(path), hold, TimeProvider.System);

    /// <summary>Reads the whole image and checks that it stood still.</summary>
    public string Write(IDatabaseImage image)
    {
        var file = NewPath("image.db");
        using var output = new ImageFile(image, file);
        output.Finish();
        return file;
    }

    /// <summary>The application opens the database under the name "app" and has some thousand rows, the newest of them in the log only.</summary>
    public async Task StartAppAsync(string journalMode)
    {
        await App.OpenAsync("app", Path);
        await DatabaseKind.Named("pages of 4096 bytes").CreateAsync(App, "app", journalMode);
        await App.ExecuteAsync("app", "PRAGMA wal_checkpoint(PASSIVE)");
        await App.ExecuteAsync("app", Change);
    }

    /// <summary>With the application at rest: the image is exactly the database, nothing was written, and no lock of ours is left.</summary>
    public async Task<ImageFacts> AssertReadsExactlyAsync()
    {
        var before = await Outside.LookAsync(Path);
        var (file, facts) = Read();
        Assert.Equal(before.ToString(), (await Outside.LookAsync(Path)).ToString());
        Assert.Equal("", await Locks.HeldByUsAsync(Path));
        await AssertIsMergedCopyAsync(file);
        return facts;
    }

    /// <summary>The image shows the state that the files have now; the application is at rest.</summary>
    public async Task AssertIsMergedCopyAsync(string image)
    {
        var merged = NewPath("merged.db");
        await Outside.MergeAsync(Path, merged);
        Assert.Null(await Outside.DifferenceAsync(merged, image));
        File.Delete(merged);
        File.Delete(image);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        Volume.Dispose();
    }
}
