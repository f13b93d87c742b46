using BackupSidecar.Cli;
using BackupSidecar.Testing;
using Microsoft.Data.Sqlite;
using Xunit;

namespace BackupSidecar.Tests.Cli;

/// <summary>The longest paths that are accepted work from end to end; longer ones are named before anything is done.</summary>
public sealed class PathLengthTests : IDisposable
{
    private const int OutputNameMax = 223;
    private const int OutputPathMax = 477;
    private const int DatabaseNameMax = 247;

    private readonly ScratchVolume _volume = new();
    private readonly CommandLineBench _bench = new();

    private string Repository => _volume.Elsewhere("repository");

    public static TheoryData<string, int> TooLong => new()
    {
        { "--output", OutputNameMax },
        { "--database", DatabaseNameMax },
        { "--repository", 255 },
        { "--state", 255 },
    };

    public void Dispose() => _volume.Dispose();

    [Theory]
    [MemberData(nameof(TooLong))]
    public async Task A_name_that_is_a_byte_too_long_is_shown_with_what_is_allowed(string option, int allowed)
    {
        var path = _volume.Elsewhere("ü" + new string('x', allowed - 1));

        await AssertRefusedAsync(option, path, $"{option} holds a name of {allowed + 1} bytes, 'üxxx", $"the last name may have {allowed}");
    }

    [Theory]
    [InlineData("--output", OutputPathMax)]
    [InlineData("--database", 504)]
    [InlineData("--repository", 3795)]
    [InlineData("--state", 3795)]
    public async Task A_path_that_is_a_byte_too_long_is_shown_with_what_is_allowed(string option, int allowed) =>
        await AssertRefusedAsync(option, Deep(allowed + 1), $"{option} is a path of {allowed + 1} bytes", $"it may have {allowed}");

    [Fact]
    public async Task A_database_with_the_longest_name_is_backed_up_and_one_of_the_longest_output_restored_and_replaced()
    {
        var database = Path.Join(_volume.Data, new string('d', DatabaseNameMax - 3) + ".db");
        Execute(database, "CREATE TABLE t(a); INSERT INTO t VALUES (1)");
        string[] backup = ["backup", "--database", database, "--source", "long", "--repository", Repository, "--state", _volume.Elsewhere("state")];
        await AssertRunsAsync(backup);

        foreach (var output in (string[])[Path.Join(_volume.Data, new string('n', OutputNameMax)), Deep(OutputPathMax)])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(output)!);
            string[] restore = ["restore", "--repository", Repository, "--output", output, "--app-is-stopped"];
            await AssertRunsAsync(restore);
            await AssertRunsAsync([.. restore, "--overwrite"]);
            Assert.Equal(File.ReadAllBytes(database), File.ReadAllBytes(output));
        }
    }

    /// <summary>By the real clock: a swap waits a moment for late-comers.</summary>
    private async Task AssertRunsAsync(params string[] arguments)
    {
        var exitCode = await CommandLine.RunAsync(arguments, _bench.Surroundings with { Time = TimeProvider.System });
        Assert.Equal((ExitCode.Ok, ""), (exitCode, string.Join('\n', _bench.ErrorLines)));
    }

    private async Task AssertRefusedAsync(string option, string path, params string[] parts)
    {
        string[] arguments = option == "--output"
            ? ["restore", "--repository", Repository, option, path]
            : ["backup", .. Other("--database", _volume.Database), .. Other("--repository", Repository), .. Other("--state", _volume.Elsewhere("state")), option, path];

        Assert.Equal(ExitCode.Failed, await _bench.RunAsync(arguments));

        Assert.All(parts, part => Assert.Contains(part, _bench.ErrorLines[0], StringComparison.Ordinal));
        Assert.True(_bench.ErrorLines[0].Length < 400, _bench.ErrorLines[0]);

        string[] Other(string name, string value) => name == option ? [] : [name, value];
    }

    /// <summary>A path below the scratch volume of this many bytes, each name short enough.</summary>
    private string Deep(int length)
    {
        var path = _volume.Elsewhere("deep");
        while (path.Length + 102 < length)
        {
            path += "/" + new string('p', 100);
        }

        return path + "/" + new string('z', length - path.Length - 1);
    }

    private static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are those of the tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
