using System.Net;
using System.Text;
using BackupSidecar.Primitives;
using BackupSidecar.Store;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Store.GoogleDrive.Client;
using BackupSidecar.Testing.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace BackupSidecar.Tests.Store.GoogleDrive;

/// <summary>What is different in Drive: names that are not unique, a trash, files of others, listings that lag.</summary>
public sealed class DriveStoreTests : IAsyncLifetime
{
    private static readonly ObjectName Name = ObjectName.Parse("packs/app/a.pack");

    private DriveScene _scene = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _scene = await DriveScene.StartAsync();

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task Opening_a_store_asks_for_nothing()
    {
        _scene.Wire.Clear();

        var store = _scene.Open();

        Assert.Empty(_scene.Wire.Sent);
        Assert.Contains(_scene.FolderId, store.Location, StringComparison.Ordinal);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task What_lies_below_a_directory_is_one_query()
    {
        var store = _scene.Open();
        foreach (var name in (string[])["packs/app/1", "packs/app/deep/2", "packs/other/3", "documents/4"])
        {
            await PutAsync(store, ObjectName.Parse(name));
        }

        _scene.Host.Requests.Clear();
        var listed = await NamesAsync(_scene.Open("elsewhere"), "packs/app/");

        Assert.Equal(["packs/app/1", "packs/app/deep/2"], listed);
        Assert.Contains("key='dir2' and value='packs/app'", Uri.UnescapeDataString(Assert.Single(_scene.Host.Requests.Entries()).Path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_the_trash_does_not_exist()
    {
        var file = await _scene.AddFileAsync(Name.ToString(), "x");
        var store = _scene.Open();
        Assert.Equal([Name.ToString()], await NamesAsync(store, ""));

        await _scene.Connect().Service.Files.Update(new DriveFile { Trashed = true }, file.Id!).ExecuteAsync(Ct);

        await Assert.ThrowsAsync<ObjectMissingException>(async () => await store.OpenAsync(Name, Ct));
        Assert.Empty(await NamesAsync(store, ""));
        await PutAsync(store, Name);
        Assert.Equal([Name.ToString()], await NamesAsync(store, ""));
    }

    [Fact]
    public async Task What_goes_to_the_trash_with_its_folder_does_not_count_as_put()
    {
        var store = _scene.Open();
        await PutAsync(store, ObjectName.Parse("packs/app/before.pack"));
        await _scene.Connect().Service.Files.Update(new DriveFile { Trashed = true }, _scene.FolderId).ExecuteAsync(Ct);

        var e = await Assert.ThrowsAsync<StoreException>(() => PutAsync(store, Name));
        Assert.Contains("is in the trash", e.Message, StringComparison.Ordinal);

        await _scene.Connect().Service.Files.Update(new DriveFile { Trashed = false }, _scene.FolderId).ExecuteAsync(Ct);
        await PutAsync(store, Name);
        Assert.Equal(["packs/app/a.pack", "packs/app/before.pack"], await NamesAsync(_scene.Open("elsewhere"), ""));
    }

    [Theory]
    [InlineData("holiday photo.jpg", DriveFile.ContentType)]
    [InlineData("packs/app/sheet", "application/vnd.google-apps.spreadsheet")]
    [InlineData("packs", DriveFile.FolderType)]
    public async Task A_foreign_file_is_not_listed_nor_touched_and_is_found(string name, string type)
    {
        var store = _scene.Open();
        await PutAsync(store, Name);
        Assert.Null(await store.FindForeignAsync(Ct));
        var connection = _scene.Connect();
        var foreign = await connection.Service.Files.Create(new DriveFile { Name = name, MimeType = type, Parents = [_scene.FolderId] }).ExecuteAsync(Ct);

        Assert.Equal([Name.ToString()], await NamesAsync(_scene.Open("elsewhere"), ""));
        Assert.Equal(name, await store.FindForeignAsync(Ct));
        if (ObjectName.TryParse(name, out var parsed))
        {
            await store.DeleteAllAsync([parsed], Ct);
            await Assert.ThrowsAsync<ObjectMissingException>(async () => await store.OpenAsync(parsed, Ct));
        }

        Assert.NotNull(await connection.FindAsync(foreign.Id!, "look", Ct));
    }

    [Fact]
    public async Task Leases_are_no_objects_and_nothing_foreign()
    {
        var store = _scene.Open();

        _ = await store.TryCreateAsync(newest: null, new byte[10], Ct);

        Assert.Empty(await NamesAsync(store, ""));
        Assert.Null(await store.FindForeignAsync(Ct));
    }

    [Fact]
    public async Task Two_files_of_one_name_and_content_are_one_object()
    {
        await _scene.AddFileAsync(Name.ToString(), "same");
        await _scene.AddFileAsync(Name.ToString(), "same");
        var store = _scene.Open();

        Assert.Equal([Name.ToString()], await NamesAsync(store, ""));
        Assert.Equal("same", await ReadAsync(store, Name));
        await store.DeleteAsync(Name, Ct);

        Assert.Empty(await _scene.FilesAsync());
    }

    [Fact]
    public async Task Two_files_of_one_name_and_other_content_are_an_error_that_names_both()
    {
        var first = await _scene.AddFileAsync(Name.ToString(), "one");
        var second = await _scene.AddFileAsync(Name.ToString(), "two");

        var failures = new List<StoreException>
        {
            await Assert.ThrowsAsync<StoreException>(async () => await _scene.Open().OpenAsync(Name, Ct)),
            await Assert.ThrowsAsync<StoreException>(() => NamesAsync(_scene.Open(), "")),
        };

        Assert.All(failures, e => Assert.Equal(FailureKind.VerificationFailed, e.Kind));
        Assert.All(failures, e => Assert.Contains(first.Id!, e.Message, StringComparison.Ordinal));
        Assert.All(failures, e => Assert.Contains(second.Id!, e.Message, StringComparison.Ordinal));
        Assert.All(failures, e => Assert.Contains("delete the one", e.Hint, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_listing_that_lags_hides_nothing_that_this_process_put()
    {
        var store = _scene.Open();
        await PutAsync(store, Name);
        _scene.Wire.ChangeText(WireScript.IsList, _ => """{"files":[]}""", times: 100);

        Assert.Equal([Name.ToString()], await NamesAsync(store, ""));
        Assert.Equal([Name.ToString()], await NamesAsync(store, "packs/"));
        Assert.Equal("x", await ReadAsync(store, Name));
        await Assert.ThrowsAsync<ObjectExistsException>(() => PutAsync(store, Name));
        await store.DeleteAsync(Name, Ct);

        Assert.Empty(await _scene.FilesAsync());
    }

    [Fact]
    public async Task What_was_just_put_is_read_back_in_one_request_and_a_minute_later_Drive_is_asked_first_whether_it_is_there()
    {
        var time = new FakeTimeProvider();
        var store = DriveStore.Open(_scene.Options(), _scene.Accounts, time);
        await PutAsync(store, Name);

        Assert.Equal(1, await RequestsToReadAsync());
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(2, await RequestsToReadAsync());

        async Task<int> RequestsToReadAsync()
        {
            _scene.Wire.Clear();
            await using var content = await store.OpenAsync(Name, Ct);
            await content.ReadAsync(0, new byte[1], Ct);
            return _scene.Wire.Sent.Count;
        }
    }

    [Fact]
    public async Task What_this_process_put_and_another_deleted_is_gone()
    {
        var store = _scene.Open();
        await PutAsync(store, Name);

        await _scene.Open("elsewhere").DeleteAsync(Name, Ct);

        Assert.Empty(await NamesAsync(store, ""));
        await Assert.ThrowsAsync<ObjectMissingException>(async () => await store.OpenAsync(Name, Ct));
        await PutAsync(store, Name);
    }

    [Fact]
    public async Task A_listing_that_lags_brings_nothing_back_that_this_process_deleted()
    {
        var store = _scene.Open();
        await PutAsync(store, Name);
        var before = "";
        _scene.Wire.ChangeText(WireScript.IsList, text => before = text);
        Assert.Equal([Name.ToString()], await NamesAsync(store, ""));
        await store.DeleteAsync(Name, Ct);
        _scene.Wire.ChangeText(WireScript.IsList, _ => before, times: 100);

        Assert.Empty(await NamesAsync(store, ""));
        await PutAsync(store, Name);

        Assert.Single(await _scene.FilesAsync());
    }

    [Fact]
    public async Task Pages_come_in_any_order_empty_and_with_repeated_files()
    {
        for (var i = 0; i < 3; i++)
        {
            await _scene.AddFileAsync($"a/{i}", "x");
        }

        var text = "";
        _scene.Wire.ChangeText(WireScript.IsList, page => text = page);
        _ = await NamesAsync(_scene.Open(), "");
        _scene.Wire.Answer(WireScript.IsList, HttpStatusCode.OK, """{"files":[],"nextPageToken":"1"}""");
        _scene.Wire.Answer(WireScript.IsList, HttpStatusCode.OK, """{"nextPageToken":"2"}""");
        _scene.Wire.Answer(WireScript.IsList, HttpStatusCode.OK, text.Insert(1, "\"nextPageToken\":\"3\","));
        _scene.Wire.Answer(WireScript.IsList, HttpStatusCode.OK, text);

        Assert.Equal(["a/0", "a/1", "a/2"], await NamesAsync(_scene.Open(), ""));
    }

    [Fact]
    public async Task A_listing_that_does_not_end_is_an_error()
    {
        _scene.Wire.Answer(WireScript.IsList, HttpStatusCode.OK, """{"files":[],"nextPageToken":"1"}""", times: 1000);

        var e = await Assert.ThrowsAnyAsync<StoreException>(() => NamesAsync(_scene.Open(), ""));

        Assert.Contains("does not come to an end", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_objects_are_deleted_by_the_hundred()
    {
        var store = _scene.Open();
        var names = Enumerable.Range(0, 120).Select(i => ObjectName.Parse($"packs/app/{i:x32}.pack")).ToList();
        foreach (var name in names)
        {
            await PutAsync(store, name);
        }

        _scene.Wire.Clear();
        await store.DeleteAllAsync(names, Ct);

        Assert.Equal(["POST /batch/drive/v3", "POST /batch/drive/v3"], _scene.Wire.Sent);
        Assert.Empty(await _scene.FilesAsync());
    }

    [Fact]
    public async Task Of_a_batch_whose_answer_was_lost_nothing_is_left()
    {
        var store = _scene.Open();
        var names = Enumerable.Range(0, 5).Select(i => ObjectName.Parse($"packs/app/{i:x32}.pack")).ToList();
        foreach (var name in names)
        {
            await PutAsync(store, name);
        }

        _scene.Wire.LoseAnswer(request => request.RequestUri!.AbsolutePath.StartsWith("/batch/", StringComparison.Ordinal));
        _scene.Wire.Answer(request => request.RequestUri!.AbsolutePath.StartsWith("/batch/", StringComparison.Ordinal), HttpStatusCode.ServiceUnavailable, "");
        await store.DeleteAllAsync(names, Ct);

        Assert.Empty(await _scene.FilesAsync());
    }

    [Fact]
    public async Task A_read_that_breaks_off_goes_on_where_it_was()
    {
        var bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 100_000).Select(i => $"{i:D10}")));
        var store = _scene.Open();
        await store.PutAsync(Name, new ContentAtHand(bytes), Ct);
        _scene.Host.Requests.Clear();
        _scene.Wire.Change(WireScript.IsDownload, async response =>
        {
            var whole = await response.Content.ReadAsByteArrayAsync(Ct);
            var half = new ByteArrayContent(whole[..(whole.Length / 2)]);
            half.Headers.ContentRange = response.Content.Headers.ContentRange;
            response.Content = half;
            return response;
        });

        await using var stored = await store.OpenAsync(Name, Ct);
        var read = new byte[bytes.Length];
        await stored.ReadAsync(0, read, Ct);

        Assert.True(bytes.AsSpan().SequenceEqual(read));
        var downloads = _scene.Host.Requests.Entries().Where(entry => entry.Path.Contains("alt=media", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, downloads.Count);
        Assert.InRange(downloads[1].SentBytes, bytes.Length / 2 - 1, bytes.Length * 3 / 4);
    }

    [Fact]
    public async Task A_page_for_people_or_the_whole_in_place_of_a_range_is_asked_for_again()
    {
        var store = _scene.Open();
        await PutAsync(store, Name, "0123456789");
        _scene.Wire.Answer(WireScript.IsDownload, HttpStatusCode.OK, "<html>sign in to the hotel's network</html>", type: "text/html");
        _scene.Wire.Answer(WireScript.IsDownload, HttpStatusCode.OK, "0123456789", type: "application/octet-stream");

        await using var stored = await store.OpenAsync(Name, Ct);
        var bytes = new byte[3];
        await stored.ReadAsync(4, bytes, Ct);

        Assert.Equal("456", Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public async Task A_range_that_Drive_does_not_have_is_damage_and_is_not_asked_for_again()
    {
        var store = _scene.Open();
        await PutAsync(store, Name, "0123456789");
        await using var stored = await store.OpenAsync(Name, Ct);
        _scene.Wire.Clear();
        _scene.Wire.Answer(WireScript.IsDownload, HttpStatusCode.RequestedRangeNotSatisfiable, "", times: 10);

        var e = await Assert.ThrowsAnyAsync<StoreException>(async () => await stored.ReadAsync(0, new byte[5], Ct));

        Assert.Equal(FailureKind.VerificationFailed, e.Kind);
        Assert.Single(_scene.Wire.Sent);
    }

    [Fact]
    public async Task A_range_that_ends_early_is_damage_and_is_not_asked_for_again()
    {
        var store = _scene.Open();
        await PutAsync(store, Name, "0123456789");
        await using var stored = await store.OpenAsync(Name, Ct);
        _scene.Wire.Clear();
        _scene.Wire.Change(WireScript.IsDownload, response =>
        {
            response.Content = new ByteArrayContent([1, 2, 3]);
            response.Content.Headers.ContentRange = new System.Net.Http.Headers.ContentRangeHeaderValue(0, 2, 3);
            return Task.FromResult(response);
        }, times: 10);

        var e = await Assert.ThrowsAnyAsync<StoreException>(async () => await stored.ReadAsync(0, new byte[5], Ct));

        Assert.Equal(FailureKind.VerificationFailed, e.Kind);
        Assert.Contains("ends at byte 3", e.Message, StringComparison.Ordinal);
        Assert.Single(_scene.Wire.Sent);
    }

    [Fact]
    public async Task An_object_that_is_deleted_while_it_is_open_is_missing()
    {
        var store = _scene.Open();
        await PutAsync(store, Name);
        await using var stored = await store.OpenAsync(Name, Ct);

        await _scene.Open("elsewhere").DeleteAsync(Name, Ct);

        await Assert.ThrowsAsync<ObjectMissingException>(async () => await stored.ReadAsync(0, new byte[1], Ct));
    }

    [Fact]
    public async Task A_folder_whose_making_was_not_answered_is_made_once()
    {
        _scene.Wire.LoseAnswer(request => request.Method == HttpMethod.Post);

        var id = await DriveFolder.CreateAsync("second", _scene.Options(), _scene.Accounts, TimeProvider.System, Ct);

        var folder = await _scene.Connect().FindAsync(id, "look", Ct);
        Assert.Equal("second", folder!.Name);
        Assert.Equal(DriveFile.FolderType, folder.MimeType);
        var request = _scene.Connect().Service.Files.List();
        request.Q = "name = 'second'";
        Assert.Single((await request.ExecuteAsync(Ct)).Files!);
    }

    [Theory]
    [InlineData("packs/app/0123456789abcdef0123456789abcdef.pack", true)]
    [InlineData("packs/0123456789abcdef0123456789abcdef/a.pack", false)]
    [InlineData("packs/app/0123456789abcdef0123456789abcde.pack", false)]
    [InlineData("repository.json", false)]
    public void A_name_is_random_by_its_last_part(string name, bool isRandom) => Assert.Equal(isRandom, DriveNames.IsRandom(ObjectName.Parse(name)));

    [Fact]
    public void No_property_is_longer_than_Drive_allows()
    {
        var name = ObjectName.Parse(string.Join('/', Enumerable.Repeat(new string('x', 50), 10)));

        Assert.All(DriveNames.PropertiesOf(name), property => Assert.InRange(property.Key.Length + property.Value.Length, 1, 124));
        Assert.Equal(DriveNames.LevelsMax, DriveNames.PropertiesOf(name).Count);
    }

    private static async Task PutAsync(DriveStore store, ObjectName name, string content = "x") => await store.PutAsync(name, new ContentAtHand(Encoding.UTF8.GetBytes(content)), Ct);

    private static async Task<string> ReadAsync(DriveStore store, ObjectName name)
    {
        await using var stored = await store.OpenAsync(name, Ct);
        var bytes = new byte[stored.Length];
        await stored.ReadAsync(0, bytes, Ct);
        return Encoding.UTF8.GetString(bytes);
    }

    private static async Task<List<string>> NamesAsync(DriveStore store, string prefix) => [.. (await store.ListAsync(prefix, Ct).ToListAsync(Ct)).Select(listing => listing.Name.ToString())];
}
