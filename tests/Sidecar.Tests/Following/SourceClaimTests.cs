using BackupSidecar.Backup;
using BackupSidecar.Following;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Source;
using BackupSidecar.Store.FileSystem;
using Xunit;

namespace BackupSidecar.Tests.Following;

/// <summary>A name of a repository belongs to one database, whether it is backed up or followed; and a file has one follower.</summary>
public sealed class SourceClaimTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_of_another_database_under_the_name_of_a_followed_one_is_refused()
    {
        await using var follow = new FollowBench { Define = definition => definition with { IsNamed = false } };
        await follow.Bench.StartAppAsync("wal");
        await follow.StartAsync();
        await follow.CatchUpAsync();
        await follow.StopAsync();
        var other = await OtherAsync(follow, "app.db");

        var unnamed = await Assert.ThrowsAsync<OperatorException>(() => BackupAsync(follow, other, name: null));
        var named = await Assert.ThrowsAsync<OperatorException>(() => BackupAsync(follow, other, "app"));

        Assert.Contains($"is {follow.Bench.Path} on", unnamed.Message, StringComparison.Ordinal);
        Assert.Contains("still exists", named.Message, StringComparison.Ordinal);
        await BackupAsync(follow, follow.Bench.Path, name: null);
    }

    [Fact]
    public async Task A_database_is_not_followed_under_the_name_of_another_one_that_was_backed_up()
    {
        await using var follow = new FollowBench();
        await follow.Bench.StartAppAsync("wal");
        await BackupAsync(follow, await OtherAsync(follow, "app.db"), "app");
        await follow.StartAsync();

        Assert.Contains("still exists", Assert.IsType<OperatorException>(await follow.FailureAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_moved_database_goes_on_if_the_user_names_it_and_not_by_chance()
    {
        var (path, isNamed) = ((string?)null, false);
        await using var follow = new FollowBench { Define = definition => definition with { Path = path ?? definition.Path, IsNamed = isNamed } };
        await follow.Bench.StartAppAsync("wal");
        await follow.StartAsync();
        await follow.CatchUpAsync();
        await follow.Bench.App.ExitAsync();
        await follow.StopAsync();
        path = follow.Bench.NewPath("moved.db");
        File.Move(follow.Bench.Path, path);

        await follow.StartAsync();
        Assert.Contains($"not {path}", Assert.IsType<OperatorException>(await follow.FailureAsync()).Message, StringComparison.Ordinal);
        isNamed = true;
        await follow.StartAsync();
        await follow.CatchUpAsync();
    }

    [Fact]
    public async Task Two_paths_that_mean_one_file_are_not_both_followed()
    {
        await using var follow = new FollowBench();
        await follow.Bench.StartAppAsync("wal");
        var link = follow.Bench.NewPath("link.db");
        _ = File.CreateSymbolicLink(link, follow.Bench.Path);
        var claims = new FileClaims();
        using (claims.Take(SourceFile.Resolve(follow.Bench.Path), "app"))
        {
            Assert.Contains("'app'", Assert.Throws<OperatorException>(() => claims.Take(SourceFile.Resolve(link), "other")).Message, StringComparison.Ordinal);
        }

        claims.Take(SourceFile.Resolve(link), "other").Dispose();
    }

    [Fact]
    public async Task A_link_that_is_set_to_another_file_is_followed_there_on_a_new_timeline()
    {
        var link = (string?)null;
        await using var follow = new FollowBench { Define = definition => definition with { Path = link! } };
        await follow.Bench.StartAppAsync("wal");
        var other = await OtherAsync(follow, "other.db");
        link = follow.Bench.NewPath("link.db");
        _ = File.CreateSymbolicLink(link, follow.Bench.Path);
        await follow.StartAsync();
        await follow.CatchUpAsync();
        await follow.Bench.App.ExitAsync();
        File.Delete(follow.Bench.Path);
        File.Delete(link);
        _ = File.CreateSymbolicLink(link, other);
        await follow.PositionStoredAsync(2);

        Assert.Equal(2, (await follow.PositionsAsync()).Select(position => position.Timeline).Distinct().Count());
        Assert.Null(await follow.Bench.Outside.DifferenceAsync(other, await follow.RestoreAsync()));
    }

    private static async Task<string> OtherAsync(FollowBench follow, string name)
    {
        var path = Path.Join(Directory.CreateDirectory(follow.Bench.NewPath("elsewhere")).FullName, name);
        await follow.Bench.Outside.OpenAsync(path, path);
        await follow.Bench.Outside.ExecuteAsync(path, "CREATE TABLE other(x); INSERT INTO other VALUES (randomblob(9000))");
        await follow.Bench.Outside.CloseAsync(path);
        return path;
    }

    private static async Task BackupAsync(FollowBench follow, string path, string? name)
    {
        await using var repository = await BackupRepository.OpenForWritingAsync(new FileSystemStore(follow.RepositoryPath), "the test", createIfMissing: true, TimeProvider.System, Ct);
        var options = new BackupOptions { DatabasePath = path, SourceName = name, StateDirectory = follow.State, Workers = 1 };
        _ = await new BackupRun(repository, options, TimeProvider.System, progress: null).ExecuteAsync(Ct);
    }
}
