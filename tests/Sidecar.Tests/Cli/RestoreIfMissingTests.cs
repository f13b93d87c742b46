using BackupSidecar.Cli;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Cli;

/// <summary><c>restore --if-missing --config</c> before the first start of an app: an init container that cannot ask a sidecar.</summary>
public sealed class RestoreIfMissingTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly CommandLineBench _bench = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("app", true, ExitCode.Ok)]
    [InlineData("app", false, ExitCode.RepositoryMissing)]
    [InlineData("other", true, ExitCode.RepositoryMissing)]
    public async Task Nothing_is_stored_and_the_source_says_whether_that_is_an_error(string source, bool startEmpty, int exitCode)
    {
        var config = _directory.Join("serve.jsonc");
        var database = _directory.Join("app.db");
        await File.WriteAllTextAsync(
            config,
            $$"""{ "repository": { "path": "{{_directory.Join("backups")}}" }, "sources": [{ "path": "{{database}}", "startEmpty": {{(startEmpty ? "true" : "false")}} }] }""",
            TestContext.Current.CancellationToken);

        var ended = await _bench.RunAsync("restore", "--if-missing", "--config", config, "--source", source, "--output", database);

        Assert.Equal(exitCode, ended);
        Assert.Equal(exitCode == ExitCode.Ok ? [$"There is no {database}, and nothing is stored of it: its app may begin with an empty database (startEmpty)."] : [], _bench.OutLines);
        Assert.False(File.Exists(database));
        Assert.False(Directory.Exists(_directory.Join("backups")));
    }
}
