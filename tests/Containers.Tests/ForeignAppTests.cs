using Xunit;

namespace BackupSidecar.Containers;

/// <summary>A program that nobody here wrote, not .NET, unchanged: Fossil, a version control system whose repository is one SQLite database with a rollback journal.</summary>
public sealed class ForeignAppTests
{
    private const string Repository = "/data/project.fossil";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fossil_repository_is_backed_up_while_it_is_used_and_comes_back()
    {
        await using var scene = await Scene.CreateAsync();
        var fossil = await scene.StartAsync(scene.Tools("1654:1654", "sleep", "3600").WithEnvironment("HOME", "/data").WithEnvironment("USER", "tester"));
        await ShellAsync("fossil init /data/project.fossil && mkdir /data/work && cd /data/work && fossil open /data/project.fossil");
        var sidecar = await scene.StartAsync(Scene.Serving(scene.Sidecar("serve", "--database", Repository, "--repository", "/backups")));
        for (var commit = 0; commit < 5; commit++)
        {
            await ShellAsync($"cd /data/work && echo {commit} > file{commit} && fossil add file{commit} && fossil commit -m 'change {commit}' --no-warnings");
        }

        await Scene.EnsureDurableAsync(sidecar, "--timeout", "1m");
        await sidecar.StopAsync(Ct);
        var before = await ShellAsync("fossil timeline -n 20 -R /data/project.fossil && fossil artifact tip -R /data/project.fossil");
        await ShellAsync("rm /data/project.fossil*");

        (await scene.RunAsync(scene.Sidecar("restore", "--repository", "/backups", "--output", Repository, "--if-missing"))).ShouldEnd(0);

        Assert.Equal(before, await ShellAsync("fossil timeline -n 20 -R /data/project.fossil && fossil artifact tip -R /data/project.fossil"));
        await ShellAsync("fossil test-integrity -R /data/project.fossil && cd /data/work && echo more > more && fossil add more && fossil commit -m more --no-warnings");

        async Task<string> ShellAsync(string script) => (await Scene.ExecAsync(fossil, "sh", "-c", script)).ShouldEnd(0).Output;
    }
}
