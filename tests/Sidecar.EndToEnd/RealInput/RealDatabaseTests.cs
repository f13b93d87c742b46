using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.RealInput;

/// <summary>Databases that real programs made, backed up between their own changes and restored byte for byte.</summary>
public sealed class RealDatabaseTests : IDisposable
{
    private readonly ScratchVolume _volume = new();

    private string Repository => _volume.Elsewhere("repository");

    [Fact]
    public async Task A_Fossil_repository_is_restored_at_every_commit()
    {
        ForeignProgram.Require("fossil");
        var ct = TestContext.Current.CancellationToken;
        var database = Path.Combine(_volume.Data, "project.fossil");
        var checkout = Directory.CreateDirectory(Path.Combine(_volume.Data, "checkout")).FullName;
        await ForeignProgram.RunAsync("fossil", _volume.Data, ["new", database], ct);
        await ForeignProgram.RunAsync("fossil", checkout, ["open", database], ct);

        var copies = new List<byte[]>();
        foreach (var commit in new[] { "Primitives", "Pack", "Source" })
        {
            CopySources(commit, checkout);
            await ForeignProgram.RunAsync("fossil", checkout, ["addremove"], ct);
            await ForeignProgram.RunAsync("fossil", checkout, ["commit", "-m", commit, "--no-warnings"], ct);
            await BackUpAsync(database, ct);
            copies.Add(await File.ReadAllBytesAsync(database, ct));
        }

        for (var position = 1; position <= copies.Count; position++)
        {
            var restored = await RestoreAsync(position, ct);
            Assert.Equal(copies[position - 1], await File.ReadAllBytesAsync(restored, ct));
            await ForeignProgram.RunAsync("fossil", _volume.Data, ["test-integrity", "-R", restored], ct);
        }
    }

    [Fact]
    public async Task A_Subversion_working_copy_lives_on_after_its_database_was_lost_and_restored()
    {
        ForeignProgram.Require("svn");
        ForeignProgram.Require("svnadmin");
        var ct = TestContext.Current.CancellationToken;
        var server = Path.Combine(_volume.Data, "server");
        var copy = Path.Combine(_volume.Data, "copy");
        var database = Path.Combine(copy, ".svn", "wc.db");
        await ForeignProgram.RunAsync("svnadmin", _volume.Data, ["create", server], ct);
        await ForeignProgram.RunAsync("svn", _volume.Data, ["checkout", "-q", $"file://{server}", copy], ct);
        CopySources("Primitives", copy);
        await ForeignProgram.RunAsync("svn", copy, ["add", "-q", "--force", "."], ct);
        await BackUpAsync(database, ct);
        await ForeignProgram.RunAsync("svn", copy, ["commit", "-q", "-m", "first"], ct);
        await BackUpAsync(database, ct);
        var before = await File.ReadAllBytesAsync(database, ct);

        await File.WriteAllTextAsync(database, "this was a database", ct);
        (await SidecarBinary.RunAsync(["restore", "--repository", Repository, "--output", database, "--overwrite", "--app-is-stopped"], ct)).ShouldExit(0);

        Assert.Equal(before, await File.ReadAllBytesAsync(database, ct));
        var status = await ForeignProgram.RunAsync("svn", copy, ["status"], ct);
        Assert.Equal("", status);
    }

    public void Dispose() => _volume.Dispose();

    private static void CopySources(string room, string target)
    {
        var directory = Directory.CreateDirectory(Path.Combine(target, room)).FullName;
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Solution.Root, "Sidecar", room), "*.cs"))
        {
            File.Copy(path, Path.Combine(directory, Path.GetFileName(path)));
        }
    }

    private async Task BackUpAsync(string database, CancellationToken ct) =>
        (await SidecarBinary.RunAsync(["backup", "--database", database, "--repository", Repository, "--state", _volume.Elsewhere("state")], ct)).ShouldExit(0);

    private async Task<string> RestoreAsync(int position, CancellationToken ct)
    {
        var target = _volume.Elsewhere($"restored-{position}.fossil");
        (await SidecarBinary.RunAsync(["restore", "--repository", Repository, "--position", $"{position}", "--output", target], ct)).ShouldExit(0);
        return target;
    }
}
