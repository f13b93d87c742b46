using System.Net;
using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.Listing;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.Listing;

/// <summary>Lists: pages, fields, order, and how they differ from the truth.</summary>
public sealed class ListTests : IAsyncLifetime
{
    private readonly EmulatorBench _bench = new();

    private DriveClient Client => _bench.Client;

    public async ValueTask InitializeAsync() => await _bench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Pages_hold_every_file_once()
    {
        var names = await CreateManyAsync(25);

        var pages = await PagesAsync("pageSize=10&orderBy=name");

        Assert.Equal([10, 10, 5], pages.Select(page => page.Length));
        Assert.Equal(names, pages.SelectMany(page => page));
    }

    [Fact]
    public async Task A_token_that_was_never_given_is_refused() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await Client.GetAsync("drive/v3/files?pageToken=x")).Status);

    [Theory]
    [InlineData("drive/v3/files", """{"kind":"drive#fileList","incompleteSearch":false,"files":[{"kind":"drive#file","id":"*","name":"f","mimeType":"application/octet-stream"}]}""")]
    [InlineData("drive/v3/files?fields=files(name,size,%20md5Checksum),nextPageToken", """{"files":[{"name":"f","size":"1","md5Checksum":"55a54008ad1ba589aa210d2629c1df41"}]}""")]
    [InlineData("drive/v3/files?fields=files/name,files/size", """{"files":[{"name":"f","size":"1"}]}""")]
    [InlineData("drive/v3/files?fields=files(owners/emailAddress)", """{"files":[{"owners":[{"emailAddress":"user@example.com"}]}]}""")]
    [InlineData("drive/v3/files?fields=kind", """{"kind":"drive#fileList"}""")]
    public async Task Fields_select_what_is_answered(string path, string expected)
    {
        var id = (string)(await Client.UploadAsync(new JsonObject { ["name"] = "f" }, [1]))["id"]!;

        var answer = await Client.GetAsync(path);

        Assert.Equal(expected, answer.Json.ToJsonString().Replace(id, "*", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("fields=files(nme)")]
    [InlineData("fields=files(name")]
    [InlineData("fields=file")]
    [InlineData("fields=files(name))")]
    [InlineData("pageSize=0")]
    [InlineData("pageSize=1001")]
    [InlineData("pageSize=many")]
    [InlineData("orderBy=size")]
    [InlineData("q=name")]
    [InlineData("q=name%20=%20'x")]
    [InlineData("corpora=all")]
    [InlineData("spaces=photos")]
    public async Task Parameters_that_drive_does_not_take_are_refused(string query) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await Client.GetAsync($"drive/v3/files?{query}")).Status);

    [Fact]
    public async Task OrderBy_takes_several_keys()
    {
        await Client.CreateAsync(new JsonObject { ["name"] = "b" });
        await Client.CreateFolderAsync("c");
        _bench.Time.Advance(TimeSpan.FromSeconds(1));
        await Client.CreateAsync(new JsonObject { ["name"] = "a" });
        await Client.CreateAsync(new JsonObject { ["name"] = "b" });

        async Task<string> Ordered(string order) => string.Concat((await PagesAsync($"orderBy={order}")).Single());

        Assert.Equal("cbba", await Ordered("folder,name%20desc"));
        Assert.Equal("abbc", await Ordered("name,createdTime"));
        Assert.Equal("bcab", await Ordered("createdTime,name"));
    }

    [Fact]
    public async Task A_new_a_changed_and_a_deleted_file_show_only_after_the_lag()
    {
        await Client.CreateAsync(new JsonObject { ["name"] = "deleted" });
        var changed = (string)(await Client.CreateAsync(new JsonObject { ["name"] = "before" }))["id"]!;
        var deleted = (string)(await Client.ListAsync("name = 'deleted'")).Json["files"]![0]!["id"]!;
        _bench.Host.Listing = new ListingBehaviour { LagSeconds = 60 };
        var created = (string)(await Client.CreateAsync(new JsonObject { ["name"] = "new" }))["id"]!;
        await Client.SendJsonAsync("PATCH", $"drive/v3/files/{changed}", new JsonObject { ["name"] = "after" });
        await Client.SendAsync("DELETE", $"drive/v3/files/{deleted}");

        _bench.Time.Advance(TimeSpan.FromSeconds(59));
        var early = await Client.NamesAsync("trashed = false");
        Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync($"drive/v3/files/{created}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Client.GetAsync($"drive/v3/files/{deleted}")).Status);
        _bench.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["before", "deleted"], early);
        Assert.Equal(["after", "new"], await Client.NamesAsync("trashed = false"));
    }

    [Fact]
    public async Task A_lag_may_last_some_lists()
    {
        _bench.Host.Listing = new ListingBehaviour { LagLists = 2 };
        await Client.CreateAsync(new JsonObject { ["name"] = "x" });

        Assert.Empty(await Client.NamesAsync("trashed = false"));
        Assert.Empty(await Client.NamesAsync("trashed = false"));
        Assert.Equal(["x"], await Client.NamesAsync("trashed = false"));
    }

    [Fact]
    public async Task Empty_pages_come_with_a_token_and_lose_nothing()
    {
        var names = await CreateManyAsync(10);
        _bench.Host.Listing = new ListingBehaviour { EmptyPages = 1 };

        var pages = await PagesAsync("pageSize=5&orderBy=name");

        Assert.Equal([0, 5, 0, 5], pages.Select(page => page.Length));
        Assert.Equal(names, pages.SelectMany(page => page));
    }

    [Fact]
    public async Task A_phantom_is_listed_and_not_found()
    {
        await CreateManyAsync(3);
        _bench.Host.Listing = new ListingBehaviour { Phantoms = 1 };
        var files = (await Client.GetAsync("drive/v3/files")).Json["files"]!.AsArray();

        var found = 0;
        foreach (var file in files)
        {
            found += (await Client.GetAsync($"drive/v3/files/{file!["id"]}")).Status == HttpStatusCode.OK ? 1 : 0;
        }

        Assert.Equal((4, 3), (files.Count, found));
    }

    [Fact]
    public async Task Entries_may_be_missing_repeated_and_disordered()
    {
        var names = await CreateManyAsync(40);

        _bench.Host.Listing = new ListingBehaviour { Missing = 0.3, Seed = 1 };
        var first = (await PagesAsync("orderBy=name")).Single();
        var second = (await PagesAsync("orderBy=name")).Single();
        Assert.InRange(first.Length, 15, 39);
        Assert.NotEqual(first, second);

        _bench.Host.Listing = new ListingBehaviour { Repeated = 0.3, Seed = 1 };
        var repeated = (await PagesAsync("orderBy=name&pageSize=10")).SelectMany(page => page).ToArray();
        Assert.InRange(repeated.Length, 41, 60);
        Assert.Equal(names, repeated.Distinct().Order());

        _bench.Host.Listing = new ListingBehaviour { Disorder = true, Seed = 1 };
        var disordered = (await PagesAsync("orderBy=name")).Single();
        Assert.NotEqual(names, disordered);
        Assert.Equal(names, disordered.Order());
    }

    [Fact]
    public async Task The_behaviour_comes_by_http()
    {
        var set = await Client.SendJsonAsync("POST", "emulator/listing", new JsonObject { ["lagLists"] = 1, ["disorder"] = true });
        var wrong = await Client.SendJsonAsync("POST", "emulator/listing", new JsonObject { ["missing"] = 2 });

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (set.Status, wrong.Status));
        Assert.Equal(new ListingBehaviour { LagLists = 1, Disorder = true }, _bench.Host.Listing);
    }

    private async Task<string[]> CreateManyAsync(int count)
    {
        var names = Enumerable.Range(0, count).Select(index => $"n{index:00}").ToArray();
        foreach (var name in names)
        {
            await Client.CreateAsync(new JsonObject { ["name"] = name });
        }

        return names;
    }

    private async Task<List<string[]>> PagesAsync(string query)
    {
        var pages = new List<string[]>();
        for (string? token = ""; token is not null;)
        {
            var answer = await Client.GetAsync($"drive/v3/files?{query}{token}");
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            pages.Add([.. answer.Json["files"]!.AsArray().Select(file => (string)file!["name"]!)]);
            token = answer.Json["nextPageToken"] is { } next ? "&pageToken=" + Uri.EscapeDataString((string)next!) : null;
        }

        return pages;
    }
}
