using BackupSidecar.EndToEnd.Cli;
using Microsoft.Data.Sqlite;
using Xunit;

namespace BackupSidecar.EndToEnd.Client;

/// <summary>The sample with its sidecar: what the quick start of the README promises.</summary>
public sealed class NotesTests : IDisposable
{
    private readonly ClientScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_staged_restore_ends_the_app_with_75_and_its_next_start_works_on_the_restored_notes_and_confirms_them()
    {
        await using var serve = await _scene.ServeAsync();
        string restore;
        await using (var before = await _scene.StartNotesAsync())
        {
            _ = await before.AddAsync("old", Ct);
            var position = await _scene.PositionAsync();
            _ = await before.AddAsync("new", Ct);
            restore = await _scene.StageAsync(position);
            (await before.Process.WaitForExitAsync(Ct)).ShouldExit(75);
        }

        await using var after = await _scene.StartNotesAsync();
        await after.Process.WaitForOutputLineAsync(line => line.Contains($"Restore {restore} is confirmed", StringComparison.Ordinal), Ct);

        Assert.Equal(["old"], await after.ListAsync(Ct));
        Assert.Equal("confirmed", await _scene.StateOfAsync(restore));
        Assert.True((bool?)(await after.AddAsync("after", Ct))["isDurable"]);
        Assert.Equal(["after", "old"], await RestoredNotesAsync(serve));
    }

    [Fact]
    public async Task Notes_of_an_older_schema_are_migrated_again_before_their_restore_is_confirmed()
    {
        _scene.Commands.Execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL); INSERT INTO note (text) VALUES ('of version 1'); PRAGMA user_version = 1");
        await using var serve = await _scene.ServeAsync();
        var position = await _scene.PositionAsync();
        await using (var before = await _scene.StartNotesAsync())
        {
            _ = await before.AddAsync("of version 2", Ct);
            _ = await _scene.StageAsync(position);
            (await before.Process.WaitForExitAsync(Ct)).ShouldExit(75);
        }

        await using var after = await _scene.StartNotesAsync();
        await after.Process.WaitForOutputLineAsync(line => line.Contains("is confirmed", StringComparison.Ordinal), Ct);

        var output = after.Process.ToString();
        var migrated = output.IndexOf("The schema was of version 1 and is of version 2", StringComparison.Ordinal);
        Assert.InRange(migrated, 0, output.IndexOf("is confirmed", StringComparison.Ordinal));
        Assert.Equal(["of version 1"], await after.ListAsync(Ct));
    }

    [Fact]
    public async Task A_note_is_durable_when_the_app_says_so_and_only_then()
    {
        await using var serve = await _scene.ServeAsync();
        await using var notes = await _scene.StartNotesAsync();

        var durable = await notes.AddAsync("durable", Ct);
        Assert.Equal(["durable"], await RestoredNotesAsync(serve));
        var alone = await notes.AddAsync("without a sidecar", Ct);

        Assert.True((bool?)durable["isDurable"]);
        Assert.False((bool?)alone["isDurable"]);
        Assert.Contains("No sidecar answers", (string?)alone["problem"], StringComparison.Ordinal);
        Assert.Equal("Degraded", await notes.GetAsync("health", Ct));
        Assert.Equal(["without a sidecar", "durable"], await notes.ListAsync(Ct));
    }

    [Fact]
    public async Task A_restore_of_one_of_two_apps_leaves_the_other_one_alone()
    {
        var second = Path.Join(_scene.Commands.Data, "second.db");
        File.Copy(_scene.Database, second);
        await using var serve = await _scene.ServeAsync(sources: [("first", _scene.Database), ("second", second)]);
        await using var other = await _scene.StartNotesAsync(second, "second");
        await using (var before = await _scene.StartNotesAsync(source: "first"))
        {
            _ = await before.AddAsync("first", Ct);
            var position = await _scene.PositionAsync("first");
            _ = await before.AddAsync("gone", Ct);
            _ = await other.AddAsync("second", Ct);
            _ = await _scene.StageAsync(position, "first");
            (await before.Process.WaitForExitAsync(Ct)).ShouldExit(75);
        }

        await using var after = await _scene.StartNotesAsync(source: "first");

        Assert.Equal(["first"], await after.ListAsync(Ct));
        Assert.True((bool?)(await other.AddAsync("still there", Ct))["isDurable"]);
        Assert.Equal(["still there", "second"], await other.ListAsync(Ct));
    }

    [Fact]
    public async Task The_page_is_served()
    {
        await using var serve = await _scene.ServeAsync();
        await using var notes = await _scene.StartNotesAsync();

        Assert.Contains("<title>Notes</title>", await notes.GetAsync("", Ct), StringComparison.Ordinal);
        Assert.Equal("Healthy", await notes.GetAsync("health", Ct));
    }

    /// <summary>What the repository gives back without anybody's help; the sidecar, which holds it, is killed before.</summary>
    private async Task<IReadOnlyList<string>> RestoredNotesAsync(SidecarProcess serve)
    {
        serve.Kill();
        await serve.WaitForExitAsync(Ct);
        (await CommandScene.RunAsync("restore", "--repository", _scene.Commands.Repository, "--output", _scene.Commands.Restored)).ShouldExit(0);
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _scene.Commands.Restored, Pooling = false }.ToString());
        await connection.OpenAsync(Ct);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT text FROM note ORDER BY id DESC";
        await using var reader = await command.ExecuteReaderAsync(Ct);
        List<string> texts = [];
        while (await reader.ReadAsync(Ct))
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }
}
