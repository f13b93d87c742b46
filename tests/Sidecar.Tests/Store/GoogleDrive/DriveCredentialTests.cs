using System.Text.Json.Nodes;
using BackupSidecar.Primitives;
using BackupSidecar.Store.GoogleDrive.Client;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Store.GoogleDrive.Traffic;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Store.GoogleDrive;

/// <summary>Each kind of credential: had, renewed, rotated, dead, and alive again.</summary>
public sealed class DriveCredentialTests : IAsyncLifetime
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly CredentialScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _scene.StartAsync(options => options);

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task A_users_refresh_token_makes_a_folder_and_stores_in_it()
    {
        _scene.WriteUser();

        var store = await _scene.StoreAsync(_scene.OfFile());
        await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct);

        Assert.Equal("user", store.Account.Kind);
        Assert.NotNull(store.Account.ExpiresAt);
        Assert.Equal(_scene.CredentialFile, store.Account.Credential);
    }

    [Fact]
    public async Task An_access_token_is_renewed_before_and_after_it_expires()
    {
        await _scene.StartAsync(options => options with { AccessTokenLifetime = TimeSpan.FromSeconds(2) });
        _scene.WriteUser();
        var store = await _scene.StoreAsync(_scene.OfFile());

        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, Ct);

        await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct);
    }

    [Fact]
    public async Task A_rotated_refresh_token_is_written_back_and_the_rest_of_the_file_stays()
    {
        await _scene.StartAsync(options => options with { RotateRefreshTokens = true });
        var before = _scene.WriteUser(("my_note", "keep me"));

        _ = await _scene.StoreAsync(_scene.OfFile());

        var written = JsonNode.Parse(await File.ReadAllTextAsync(_scene.CredentialFile, Ct))!;
        Assert.NotEqual(before, (string?)written["refresh_token"]);
        Assert.Equal("keep me", (string?)written["my_note"]);
        Assert.Equal(CredentialScene.ClientId, (string?)written["client_id"]);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(_scene.CredentialFile));
        Assert.Single(Directory.GetFiles(_scene.Folder, "credential*"));

        // Who starts anew with the file goes on: the old token would be dead.
        _ = await _scene.StoreAsync(_scene.OfFile());
    }

    [Fact]
    public async Task Two_processes_with_one_rotated_sign_in_do_not_end_each_other()
    {
        await _scene.StartAsync(options => options with { RotateRefreshTokens = true, AccessTokenLifetime = TimeSpan.FromSeconds(1) });
        _scene.WriteUser();
        var first = await _scene.StoreAsync(_scene.OfFile());
        var second = await _scene.StoreAsync(_scene.OfFile());

        for (var round = 0; round < 3; round++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1.1), TimeProvider.System, Ct);
            await first.PutAsync(ObjectName.Parse($"a{round}"), new ContentAtHand([1]), Ct);
            await second.PutAsync(ObjectName.Parse($"b{round}"), new ContentAtHand([1]), Ct);
        }
    }

    [Fact]
    public async Task A_revoked_sign_in_is_dead_and_is_not_asked_for_again()
    {
        _scene.WriteUser();
        var store = await _scene.StoreAsync(_scene.OfFile());
        _scene.Host.Revoke();
        var requests = _scene.Host.Requests.Counters();

        var failures = new List<DriveCredentialDeadException>();
        for (var i = 0; i < 3; i++)
        {
            failures.Add(await Assert.ThrowsAsync<DriveCredentialDeadException>(async () => await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct)));
        }

        Assert.All(failures, e => Assert.Equal("invalid_grant", e.Reason));
        Assert.All(failures, e => Assert.Contains("drive login", e.Hint, StringComparison.Ordinal));
        Assert.NotNull(store.Account.Death);
        Assert.Equal("invalid_grant", store.Account.Death.Reason);
        Assert.InRange(_scene.Host.Requests.Counters().Requests - requests.Requests, 1, 2);
    }

    [Fact]
    public async Task A_new_sign_in_brings_a_dead_credential_to_life_without_a_restart()
    {
        _scene.WriteUser();
        var store = await _scene.StoreAsync(_scene.OfFile());
        _scene.Host.Revoke();
        await Assert.ThrowsAsync<DriveCredentialDeadException>(async () => await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct));

        // What cannot be read is said, and not the death of the one before, which is still true.
        await File.WriteAllTextAsync(_scene.CredentialFile, "half of a", Ct);
        for (var i = 0; i < 2; i++)
        {
            var unreadable = await Assert.ThrowsAsync<DriveCredentialException>(async () => await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct));
            Assert.Contains("is no JSON", unreadable.Message, StringComparison.Ordinal);
            Assert.NotNull(store.Account.Death);
        }

        _scene.WriteUser();
        File.SetLastWriteTimeUtc(_scene.CredentialFile, DateTime.Parse("2030-01-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
        await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct);

        Assert.Null(store.Account.Death);
    }

    [Fact]
    public async Task A_bare_refresh_token_comes_by_file_or_variable_with_its_client()
    {
        var token = _scene.Host.IssueTokens(clientId: CredentialScene.ClientId, scope: DriveService.DriveFileScope).RefreshToken!;
        await File.WriteAllTextAsync(_scene.Join("token"), token + "\n", Ct);
        await File.WriteAllTextAsync(_scene.Join("client.json"), _scene.ClientJson(), Ct);

        foreach (var options in new DriveCredentialOptions[]
        {
            new() { Kind = DriveCredentialKind.RefreshToken, File = _scene.Join("token"), ClientFile = _scene.Join("client.json") },
            new() { Kind = DriveCredentialKind.RefreshToken, Variable = "V", ClientFile = _scene.Join("client.json") },
        })
        {
            var store = await _scene.StoreAsync(options, token);
            await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct);
        }
    }

    [Fact]
    public async Task A_bare_access_token_is_read_again_when_it_is_not_accepted()
    {
        var path = _scene.Join("token");
        await File.WriteAllTextAsync(path, _scene.Host.IssueTokens(clientId: CredentialScene.ClientId).AccessToken, Ct);
        var store = await _scene.StoreAsync(new DriveCredentialOptions { Kind = DriveCredentialKind.AccessToken, File = path });
        _scene.Host.Revoke();

        await Assert.ThrowsAsync<DriveCallException>(async () => await store.ListAsync("", Ct).ToListAsync(Ct));
        await File.WriteAllTextAsync(path, _scene.Host.IssueTokens(clientId: CredentialScene.ClientId).AccessToken, Ct);

        Assert.Empty(await store.ListAsync("", Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task A_service_account_stores_for_a_user_that_it_may_act_for()
    {
        await File.WriteAllTextAsync(_scene.CredentialFile, _scene.Host.AddServiceAccount("robot@example.com", "boss@example.com"), Ct);

        var store = await _scene.StoreAsync(_scene.OfFile() with { Subject = "boss@example.com" });
        await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct);

        Assert.Equal("service account robot@example.com for boss@example.com", store.Account.Kind);
    }

    [Fact]
    public async Task A_service_account_may_not_act_for_others()
    {
        await File.WriteAllTextAsync(_scene.CredentialFile, _scene.Host.AddServiceAccount("robot@example.com", "boss@example.com"), Ct);

        var e = await Assert.ThrowsAsync<DriveCredentialDeadException>(() => _scene.StoreAsync(_scene.OfFile() with { Subject = "other@example.com" }));

        Assert.Contains("administrator", e.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_account_without_a_shared_drive_has_no_storage_and_hears_so()
    {
        await File.WriteAllTextAsync(_scene.CredentialFile, _scene.Host.AddServiceAccount(), Ct);
        var store = await _scene.StoreAsync(_scene.OfFile());

        var e = await Assert.ThrowsAsync<DriveCallException>(async () => await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct));

        Assert.Equal(DriveFaultKind.Refused, e.Fault);
        Assert.Contains("shared drive", e.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_account_stores_in_a_shared_drive_that_it_is_a_member_of()
    {
        await File.WriteAllTextAsync(_scene.CredentialFile, _scene.Host.AddServiceAccount("robot@example.com"), Ct);
        var drive = await MakeSharedDriveAsync("robot@example.com");

        var store = await _scene.StoreAsync(_scene.OfFile(), sharedDrive: drive);
        await store.PutAsync(ObjectName.Parse("packs/a"), new ContentAtHand([1, 2]), Ct);

        Assert.Single(await store.ListAsync("packs/", Ct).ToListAsync(Ct));
        await using var stored = await store.OpenAsync(ObjectName.Parse("packs/a"), Ct);
        await stored.ReadAsync(0, new byte[2], Ct);
        Assert.NotNull(await store.TryCreateAsync(newest: null, new byte[1], Ct));
        await store.DeleteAllAsync([ObjectName.Parse("packs/a")], Ct);
        Assert.Empty(await store.ListAsync("", Ct).ToListAsync(Ct));
    }

    [Theory]
    [InlineData(null, "There is no Google credential at")]
    [InlineData("", "There is no Google credential in")]
    [InlineData("not json", "is no JSON")]
    [InlineData("""{"type":"authorized_user","client_id":"x"}""", "is incomplete")]
    [InlineData("""{"type":"service_account","client_email":"x"}""", "is incomplete")]
    [InlineData("""{"type":"service_account","client_email":"x","private_key":"my secret key"}""", "key of the service account")]
    [InlineData("""{"type":"external_account"}""", "of no type that is known")]
    [InlineData("""{"type":"authorized_user","client_id":"x","refresh_token":"my secret key","token_uri":"nowhere"}""", "token_uri that is no address")]
    public async Task A_credential_that_cannot_be_used_is_said_without_its_content(string? content, string message)
    {
        if (content is not null)
        {
            await File.WriteAllTextAsync(_scene.CredentialFile, content, Ct);
        }

        var e = await Assert.ThrowsAnyAsync<DriveCredentialException>(() => _scene.StoreAsync(_scene.OfFile()));

        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("my secret key", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_for_tokens_that_fails_is_asked_again()
    {
        _scene.WriteUser();
        _scene.Host.Faults.Set([new() { Calls = ["oauth.token"], Count = 2, Fault = new() { Kind = DriveEmulator.Faults.FaultKind.Status, Status = 503 } }], seed: 1);

        var store = await _scene.StoreAsync(_scene.OfFile());

        Assert.Null(store.Account.Death);
    }

    private async Task<string> MakeSharedDriveAsync(string member)
    {
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = _scene.Host.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new("Bearer", _scene.Host.IssueTokens(account: "owner@example.com").AccessToken);
        var drive = JsonNode.Parse(await (await http.PostAsync("drive/v3/drives?requestId=1", Json("""{"name":"Backups"}"""), Ct)).EnsureSuccessStatusCode().Content.ReadAsStringAsync(Ct))!;
        var id = (string)drive["id"]!;
        (await http.PostAsync($"drive/v3/files/{id}/permissions?supportsAllDrives=true", Json($$"""{"type":"user","role":"fileOrganizer","emailAddress":"{{member}}"}"""), Ct)).EnsureSuccessStatusCode();
        return id;
    }

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");
}
