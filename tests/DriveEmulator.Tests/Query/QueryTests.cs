using BackupSidecar.DriveEmulator.Files;
using BackupSidecar.DriveEmulator.Query;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.Query;

/// <summary>The query language of lists.</summary>
public sealed class QueryTests
{
    private const string App = "app-1";

    private static readonly DriveFile File = new()
    {
        Id = "1",
        Name = "Hello World's pack.bsp",
        MimeType = "application/octet-stream",
        ParentId = "root-id",
        Owner = "user@example.com",
        CreatedBy = App,
        Created = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        Modified = new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero),
        Properties = new Dictionary<string, string> { ["p"] = "1" },
        AppProperties = new Dictionary<string, IReadOnlyDictionary<string, string>>
        {
            [App] = new Dictionary<string, string> { ["k"] = "it's", ["kind"] = "pack" },
            ["other"] = new Dictionary<string, string> { ["o"] = "1" },
        },
    };

    [Theory]
    [InlineData(@"name = 'Hello World\'s pack.bsp'", true)]
    [InlineData(@"name = 'hello world\'s PACK.bsp'", true)]
    [InlineData("name = 'Hello'", false)]
    [InlineData("name != 'Hello'", true)]
    [InlineData("name contains 'Hell'", true)]
    [InlineData("name contains 'ello'", false)]
    [InlineData("name contains 'wor'", true)]
    [InlineData("name contains 'pack.bsp'", true)]
    [InlineData("fullText contains 'hello'", true)]
    [InlineData("'root' in parents", true)]
    [InlineData("'root-id' in parents", true)]
    [InlineData("'other' in parents", false)]
    [InlineData("'user@example.com' in owners", true)]
    [InlineData("'user@example.com' in writers", true)]
    [InlineData("'else@example.com' in readers", false)]
    [InlineData("trashed", false)]
    [InlineData("trashed = false", true)]
    [InlineData("trashed=false and mimeType='application/octet-stream'", true)]
    [InlineData("trashed != true", true)]
    [InlineData("mimeType != 'application/vnd.google-apps.folder'", true)]
    [InlineData("mimeType contains 'application/'", true)]
    [InlineData("modifiedTime > '2026-01-15T00:00:00'", true)]
    [InlineData("modifiedTime <= '2026-01-15T00:00:00Z'", false)]
    [InlineData("createdTime = '2026-01-01T00:00:00.000Z'", true)]
    [InlineData(@"appProperties has { key='k' and value='it\'s' }", true)]
    [InlineData("appProperties has {key='kind' and value='pack'} and appProperties has {key='k' and value='x'}", false)]
    [InlineData("appProperties has { key='o' and value='1' }", false)]
    [InlineData("properties has { key='p' and value='1' }", true)]
    [InlineData("not trashed", true)]
    [InlineData("not (trashed or name = 'x')", true)]
    [InlineData("trashed or name contains 'hello' and 'root' in parents", true)]
    [InlineData("(trashed or name contains 'hello') and 'x' in parents", false)]
    [InlineData("name = 'x' or name = 'y' or 'root' in parents", true)]
    [InlineData("starred = false", true)]
    [InlineData(@"name = 'a\\b'", false)]
    public void A_query_finds_what_it_says(string query, bool isFound) =>
        Assert.Equal(isFound, Parser.Parse(query)(new QuerySubject(File, IsTrashed: false, App, "root-id")));

    [Theory]
    [InlineData("")]
    [InlineData("name")]
    [InlineData("name = ")]
    [InlineData("name = x")]
    [InlineData("name = 'x")]
    [InlineData("name has 'x'")]
    [InlineData("name < 'x'")]
    [InlineData("title = 'x'")]
    [InlineData("trashed = 'true'")]
    [InlineData("trashed = maybe")]
    [InlineData("(trashed = false")]
    [InlineData("trashed = false)")]
    [InlineData("trashed = false and")]
    [InlineData("trashed = false name = 'x'")]
    [InlineData("'x' in nothing")]
    [InlineData("modifiedTime > 'yesterday'")]
    [InlineData("appProperties has { key='k' }")]
    [InlineData("appProperties has { key='k' or value='v' }")]
    [InlineData("name ! 'x'")]
    [InlineData("name = 'x' & trashed")]
    public void What_is_no_query_is_refused(string query) =>
        Assert.Throws<QueryException>(() => Parser.Parse(query));
}
