using System.Net;
using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator;
using BackupSidecar.Primitives;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Store.GoogleDrive.Client;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Store.GoogleDrive.Traffic;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Store.GoogleDrive;

/// <summary>Each kind of credential: had, renewed, rotated, dead, and alive again.</summary>
public sealed class DriveCredentialTests : IAsyncLifetime
{
    private const string ClientId = "test-client";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ScratchDirectory _directory = new();
    private readonly List<DriveAccounts> _accounts = [];
    private EmulatorHost _host = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string CredentialFile => _directory.Join("credential.json");

    public ValueTask InitializeAsync() => StartAsync(options => options);

    public async ValueTask DisposeAsync()
    {
        _accounts.ForEach(accounts => accounts.Dispose());
        await _host.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_users_refresh_token_makes_a_folder_and_stores_in_it()
    {
        WriteUser();

        var store = await StoreAsync(OfFile());
        await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct);

        Assert.Equal("user", store.Account.Kind);
        Assert.NotNull(store.Account.ExpiresAt);
        Assert.Equal(CredentialFile, store.Account.Credential);
    }

    [Fact]
    public async Task An_access_token_is_renewed_before_and_after_it_expires()
    {
        await StartAsync(options => options with { AccessTokenLifetime = TimeSpan.FromSeconds(2) });
        WriteUser();
        var store = await StoreAsync(OfFile());

        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, Ct);

        await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct);
    }

    [Fact]
    public async Task A_rotated_refresh_token_is_written_back_and_the_rest_of_the_file_stays()
    {
        await StartAsync(options => options with { RotateRefreshTokens = true });
        var before = WriteUser(("my_note", "keep me"));

        _ = await StoreAsync(OfFile());

        var written = JsonNode.Parse(await File.ReadAllTextAsync(CredentialFile, Ct))!;
        Assert.NotEqual(before, (string?)written["refresh_token"]);
        Assert.Equal("keep me", (string?)written["my_note"]);
        Assert.Equal(ClientId, (string?)written["client_id"]);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(CredentialFile));
        Assert.Single(Directory.GetFiles(_directory.FullPath, "credential*"));

        // Who starts anew with the file goes on: the old token would be dead.
        _ = await StoreAsync(OfFile());
    }

    [Fact]
    public async Task Two_processes_with_one_rotated_sign_in_do_not_end_each_other()
    {
        await StartAsync(options => options with { RotateRefreshTokens = true, AccessTokenLifetime = TimeSpan.FromSeconds(1) });
        WriteUser();
        var first = await StoreAsync(OfFile());
        var second = await StoreAsync(OfFile());

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
        WriteUser();
        var store = await StoreAsync(OfFile());
        _host.Revoke();
        var requests = _host.Requests.Counters();

        var failures = new List<DriveCredentialDeadException>();
        for (var i = 0; i < 3; i++)
        {
            failures.Add(await Assert.ThrowsAsync<DriveCredentialDeadException>(async () => await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct)));
        }

        Assert.All(failures, e => Assert.Equal("invalid_grant", e.Reason));
        Assert.All(failures, e => Assert.Contains("drive login", e.Hint, StringComparison.Ordinal));
        Assert.NotNull(store.Account.Death);
        Assert.Equal("invalid_grant", store.Account.Death.Reason);
        Assert.InRange(_host.Requests.Counters().Requests - requests.Requests, 1, 2);
    }

    [Fact]
    public async Task A_new_sign_in_brings_a_dead_credential_to_life_without_a_restart()
    {
        WriteUser();
        var store = await StoreAsync(OfFile());
        _host.Revoke();
        await Assert.ThrowsAsync<DriveCredentialDeadException>(async () => await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct));

        // What cannot be read is said, and not the death of the one before, which is still true.
        await File.WriteAllTextAsync(CredentialFile, "half of a", Ct);
        for (var i = 0; i < 2; i++)
        {
            var unreadable = await Assert.ThrowsAsync<DriveCredentialException>(async () => await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct));
            Assert.Contains("is no JSON", unreadable.Message, StringComparison.Ordinal);
            Assert.NotNull(store.Account.Death);
        }

        WriteUser();
        File.SetLastWriteTimeUtc(CredentialFile, DateTime.Parse("2030-01-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
        await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct);

        Assert.Null(store.Account.Death);
    }

    [Fact]
    public async Task A_bare_refresh_token_comes_by_file_or_variable_with_its_client()
    {
        var token = _host.IssueTokens(clientId: ClientId, scope: DriveService.DriveFileScope).RefreshToken!;
        await File.WriteAllTextAsync(_directory.Join("token"), token + "\n", Ct);
        await File.WriteAllTextAsync(_directory.Join("client.json"), ClientJson(), Ct);

        foreach (var options in new DriveCredentialOptions[]
        {
            new() { Kind = DriveCredentialKind.RefreshToken, File = _directory.Join("token"), ClientFile = _directory.Join("client.json") },
            new() { Kind = DriveCredentialKind.RefreshToken, Variable = "V", ClientFile = _directory.Join("client.json") },
        })
        {
            var store = await StoreAsync(options, token);
            await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct);
        }
    }

    [Fact]
    public async Task A_bare_access_token_is_read_again_when_it_is_not_accepted()
    {
        var path = _directory.Join("token");
        await File.WriteAllTextAsync(path, _host.IssueTokens(clientId: ClientId).AccessToken, Ct);
        var store = await StoreAsync(new DriveCredentialOptions { Kind = DriveCredentialKind.AccessToken, File = path });
        _host.Revoke();

        await Assert.ThrowsAsync<DriveCallException>(async () => await store.ListAsync("", Ct).ToListAsync(Ct));
        await File.WriteAllTextAsync(path, _host.IssueTokens(clientId: ClientId).AccessToken, Ct);

        Assert.Empty(await store.ListAsync("", Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task A_service_account_stores_for_a_user_that_it_may_act_for()
    {
        await File.WriteAllTextAsync(CredentialFile, _host.AddServiceAccount("robot@example.com", "boss@example.com"), Ct);

        var store = await StoreAsync(OfFile() with { Subject = "boss@example.com" });
        await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct);

        Assert.Equal("service account robot@example.com for boss@example.com", store.Account.Kind);
    }

    [Fact]
    public async Task A_service_account_may_not_act_for_others()
    {
        await File.WriteAllTextAsync(CredentialFile, _host.AddServiceAccount("robot@example.com", "boss@example.com"), Ct);

        var e = await Assert.ThrowsAsync<DriveCredentialDeadException>(() => StoreAsync(OfFile() with { Subject = "other@example.com" }));

        Assert.Contains("administrator", e.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_account_without_a_shared_drive_has_no_storage_and_hears_so()
    {
        await File.WriteAllTextAsync(CredentialFile, _host.AddServiceAccount(), Ct);
        var store = await StoreAsync(OfFile());

        var e = await Assert.ThrowsAsync<DriveCallException>(async () => await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct));

        Assert.Equal(DriveFaultKind.Refused, e.Fault);
        Assert.Contains("shared drive", e.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_account_stores_in_a_shared_drive_that_it_is_a_member_of()
    {
        await File.WriteAllTextAsync(CredentialFile, _host.AddServiceAccount("robot@example.com"), Ct);
        var drive = await MakeSharedDriveAsync("robot@example.com");

        var store = await StoreAsync(OfFile(), sharedDrive: drive);
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
            await File.WriteAllTextAsync(CredentialFile, content, Ct);
        }

        var e = await Assert.ThrowsAnyAsync<DriveCredentialException>(() => StoreAsync(OfFile()));

        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("my secret key", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_for_tokens_that_fails_is_asked_again()
    {
        WriteUser();
        _host.Faults.Set([new() { Calls = ["oauth.token"], Count = 2, Fault = new() { Kind = DriveEmulator.Faults.FaultKind.Status, Status = 503 } }], seed: 1);

        var store = await StoreAsync(OfFile());

        Assert.Null(store.Account.Death);
    }

    [Fact]
    public async Task Sign_in_by_browser_gives_a_credential_that_works()
    {
        using var login = new DriveLogin(Client(), TimeProvider.System);
        using var browser = new HttpClient(new SocketsHttpHandler());
        var page = Task.FromResult("");

        var document = await login.ByBrowserAsync(port: 0, address => page = browser.GetStringAsync(address, Ct), Ct);
        LoginFile.Write(CredentialFile, document);

        Assert.Contains("Signed in", await page, StringComparison.Ordinal);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(CredentialFile));
        var store = await StoreAsync(OfFile());
        await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct);
    }

    [Fact]
    public async Task Sign_in_asks_for_files_of_this_program_only_with_a_proof_key_and_comes_back_to_loopback()
    {
        using var login = new DriveLogin(Client(), TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var asked = "";

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => login.ByBrowserAsync(
            port: 0,
            address =>
            {
                asked = Uri.UnescapeDataString(address.Query);
                stop.Cancel();
            },
            stop.Token));

        Assert.Contains("scope=https://www.googleapis.com/auth/drive.file&", asked, StringComparison.Ordinal);
        Assert.Contains("code_challenge_method=S256", asked, StringComparison.Ordinal);
        Assert.Contains("redirect_uri=http://127.0.0.1:", asked, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sign_in_that_is_refused_or_comes_with_another_state_says_so()
    {
        await StartAsync(options => options with { Consent = DriveEmulator.OAuth.ConsentMode.Deny });
        using var login = new DriveLogin(Client(), TimeProvider.System);
        using var browser = new HttpClient(new SocketsHttpHandler());
        var browsing = Task.FromResult(("", HttpStatusCode.OK));

        var e = await Assert.ThrowsAsync<DriveCredentialException>(() => login.ByBrowserAsync(port: 0, address => browsing = BrowseAsync(address), Ct));

        var (page, forged) = await browsing;
        Assert.Contains("access_denied", e.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, forged);
        Assert.Contains("Not signed in", page, StringComparison.Ordinal);

        async Task<(string Page, HttpStatusCode Forged)> BrowseAsync(Uri address)
        {
            var back = System.Web.HttpUtility.ParseQueryString(address.Query)["redirect_uri"];
            using var other = await browser.GetAsync($"{back}?code=stolen&state=guessed", Ct);
            return (await browser.GetStringAsync(address, Ct), other.StatusCode);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sign_in_by_a_code_waits_for_the_answer_on_another_device(bool agrees)
    {
        using var login = new DriveLogin(Client(), TimeProvider.System);
        var signingIn = login.ByDeviceAsync((_, code) => Assert.True(_host.AnswerDevice(code, agrees)), Ct);

        if (!agrees)
        {
            Assert.Contains("access_denied", (await Assert.ThrowsAsync<DriveCredentialException>(() => signingIn)).Message, StringComparison.Ordinal);
            return;
        }

        LoginFile.Write(CredentialFile, await signingIn);
        var store = await StoreAsync(OfFile());
        await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct);
    }

    private async ValueTask StartAsync(Func<EmulatorOptions, EmulatorOptions> change)
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        _host = await EmulatorHost.StartAsync(change(new EmulatorOptions { DataDirectory = _directory.Join($"emulator-{Guid.NewGuid():n}") }), Ct);
    }

    private DriveCredentialOptions OfFile() => new() { Kind = DriveCredentialKind.Json, File = CredentialFile };

    /// <returns>The refresh token.</returns>
    private string WriteUser(params (string Name, string Value)[] more)
    {
        var token = _host.IssueTokens(clientId: ClientId, scope: DriveService.DriveFileScope).RefreshToken!;
        var document = new JsonObject
        {
            ["type"] = "authorized_user",
            ["client_id"] = ClientId,
            ["client_secret"] = "client's secret",
            ["refresh_token"] = token,
            ["token_uri"] = new Uri(_host.BaseAddress, "token").AbsoluteUri,
        };
        foreach (var (name, value) in more)
        {
            document[name] = value;
        }

        File.WriteAllText(CredentialFile, document.ToJsonString());
        return token;
    }

    private string ClientJson() =>
        $$$"""{"installed":{"client_id":"{{{ClientId}}}","client_secret":"client's secret","auth_uri":"{{{_host.BaseAddress}}}o/oauth2/v2/auth","token_uri":"{{{_host.BaseAddress}}}token"}}""";

    private OAuthClient Client()
    {
        File.WriteAllText(_directory.Join("client.json"), ClientJson());
        return OAuthClient.Read(_directory.Join("client.json"));
    }

    /// <summary>A fresh process: its own accounts, a new folder.</summary>
    private async Task<DriveStore> StoreAsync(DriveCredentialOptions credential, string? variable = null, string? sharedDrive = null)
    {
        var accounts = new DriveAccounts(TimeProvider.System, _ => variable);
        _accounts.Add(accounts);
        var options = new DriveStoreOptions
        {
            FolderId = "",
            SharedDriveId = sharedDrive,
            Credential = credential,
            StateDirectory = _directory.Join("state"),
            RootUri = _host.BaseAddress,
            Retry = new DriveRetryOptions { Delay = TimeSpan.FromMilliseconds(1), DelayMax = TimeSpan.FromMilliseconds(10) },
        };
        return DriveStore.Open(options with { FolderId = await DriveFolder.CreateAsync("test", options, accounts, TimeProvider.System, Ct) }, accounts, TimeProvider.System);
    }

    private async Task<string> MakeSharedDriveAsync(string member)
    {
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = _host.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new("Bearer", _host.IssueTokens(account: "owner@example.com").AccessToken);
        var drive = JsonNode.Parse(await (await http.PostAsync("drive/v3/drives?requestId=1", Json("""{"name":"Backups"}"""), Ct)).EnsureSuccessStatusCode().Content.ReadAsStringAsync(Ct))!;
        var id = (string)drive["id"]!;
        (await http.PostAsync($"drive/v3/files/{id}/permissions?supportsAllDrives=true", Json($$"""{"type":"user","role":"fileOrganizer","emailAddress":"{{member}}"}"""), Ct)).EnsureSuccessStatusCode();
        return id;
    }

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");
}
