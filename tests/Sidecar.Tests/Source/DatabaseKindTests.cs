using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.Tests.Source;

/// <summary>Whatever the pages look like: the image is the database, byte for byte, while the application keeps it open.</summary>
public sealed class DatabaseKindTests
{
    public static TheoryData<string, string> Kinds
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var kind in DatabaseKind.All)
            {
                data.Add(kind.Name, "wal");
                data.Add(kind.Name, "delete");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_kind_of_database_is_read_exactly_after_it_grew_and_after_it_shrank(string name, string journalMode)
    {
        await using var bench = new SourceBench();
        var kind = DatabaseKind.Named(name);
        await bench.App.OpenAsync("app", bench.Path);
        await kind.CreateAsync(bench.App, "app", journalMode);

        var created = await bench.AssertReadsExactlyAsync();
        Assert.Equal(kind.PageSizeBytes, created.Shape.PageSizeBytes);
        Assert.Equal(journalMode == "wal", created.IsWal);

        await bench.App.ExecuteAsync("app", kind.Change);
        await bench.AssertReadsExactlyAsync();

        await bench.App.ExecuteAsync("app", "PRAGMA wal_checkpoint(PASSIVE)");
        await bench.AssertReadsExactlyAsync();

        await bench.App.ExecuteAsync("app", kind.Shrink);
        var shrunk = await bench.AssertReadsExactlyAsync();
        Assert.True(shrunk.Shape.PageCount <= created.Shape.PageCount);
    }
}
