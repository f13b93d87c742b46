using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator;
using BackupSidecar.EndToEnd.Cli;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Store.GoogleDrive.Client;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.EndToEnd.Drive;

/// <summary><c>drive login</c> and <c>drive doctor</c> with every kind of credential, by the program (the native one where it is named) against the emulator.</summary>
/// <remarks><c>drive doctor</c> has a token, asks Drive in every way, uploads, reads a range and deletes: what a credential needs to work in the native program.</remarks>
public sealed class DriveCommandTests : IAsyncLifetime
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ScratchDirectory _directory = new();
    private EmulatorHost _host = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Credential => _directory.Join("credential.json");

    public async ValueTask InitializeAsync() => _host = await EmulatorHost.StartAsync(new EmulatorOptions { DataDirectory = _directory.Join("emulator"), RotateRefreshTokens = true }, Ct);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Who_signs_in_by_a_browser_has_a_credential_that_works()
    {
        await using var login = SidecarProcess.Start(SidecarBinary.Current, ["drive", "login", "--client", await WriteClientAsync(), "--credential", Credential]);
        var address = (await login.WaitForOutputLineAsync(line => line.Contains("http", StringComparison.Ordinal), Ct)).Trim();

        using var browser = new HttpClient(new SocketsHttpHandler());
        var page = await browser.GetStringAsync(new Uri(address), Ct);
        var result = (await login.WaitForExitAsync(Ct)).ShouldExit(0);

        Assert.Contains("Signed in", page, StringComparison.Ordinal);
        Assert.DoesNotContain(DriveUser.ClientSecret, result.Output + result.Error, StringComparison.Ordinal);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Credential));
        await ShouldWorkAsync(await MakeFolderAsync(OfFile()), "--credential", Credential);
    }

    [Fact]
    public async Task Who_signs_in_by_a_code_has_a_credential_that_works()
    {
        await using var login = SidecarProcess.Start(SidecarBinary.Current, ["drive", "login", "--device", "--client", await WriteClientAsync(), "--credential", Credential, "--json"]);
        var code = (string)JsonNode.Parse(await login.WaitForOutputLineAsync(line => line.Contains("sign-in", StringComparison.Ordinal), Ct))!["code"]!;

        Assert.True(_host.AnswerDevice(code, agrees: true));
        var lines = CommandScene.ParseLines((await login.WaitForExitAsync(Ct)).ShouldExit(0));

        Assert.Equal(Credential, (string?)lines[^1]["credential"]);
        await ShouldWorkAsync(await MakeFolderAsync(OfFile()), "--credential", Credential);
    }

    [Fact]
    public async Task A_rotated_refresh_token_is_written_back_by_the_program()
    {
        var before = WriteUser();
        var folder = await MakeFolderAsync(OfFile());

        await ShouldWorkAsync(folder, "--credential", Credential);
        await ShouldWorkAsync(folder, "--credential", Credential);

        Assert.NotEqual(before, (string?)JsonNode.Parse(await File.ReadAllTextAsync(Credential, Ct))!["refresh_token"]);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Credential));
    }

    [Fact]
    public async Task A_bare_token_comes_by_a_variable()
    {
        WriteUser();
        var folder = await MakeFolderAsync(OfFile());
        var tokens = _host.IssueTokens(clientId: DriveUser.ClientId, scope: DriveService.DriveFileScope);

        await ShouldWorkWithAsync(new() { ["T"] = tokens.AccessToken }, folder, "--credential-variable", "T", "--kind", "access-token");
        await ShouldWorkWithAsync(new() { ["T"] = tokens.RefreshToken }, folder, "--credential-variable", "T", "--kind", "refresh-token", "--client", await WriteClientAsync());
    }

    [Fact]
    public async Task A_service_account_works_in_a_shared_drive_and_for_a_user()
    {
        await File.WriteAllTextAsync(Credential, _host.AddServiceAccount("robot@example.com", "boss@example.com"), Ct);
        File.SetUnixFileMode(Credential, OwnerOnly);
        var drive = await MakeSharedDriveAsync("robot@example.com");

        await ShouldWorkAsync(await MakeFolderAsync(OfFile(), drive), "--credential", Credential, "--shared-drive", drive);
        await ShouldWorkAsync(await MakeFolderAsync(OfFile() with { Subject = "boss@example.com" }), "--credential", Credential, "--subject", "boss@example.com");
    }

    [Fact]
    public async Task Doctor_says_of_a_revoked_sign_in_that_it_is_dead_and_shows_no_secret()
    {
        var token = WriteUser();
        var folder = await MakeFolderAsync(OfFile());
        _host.Revoke();

        var result = (await DoctorAsync([], "--credential", Credential, "--folder", folder, "--json")).ShouldExit(15);

        var finding = CommandScene.ParseLines(result)[^1]["findings"]!.AsArray()[^1]!;
        Assert.Equal("unsafe", (string?)finding["severity"]);
        Assert.Contains("invalid_grant", (string?)finding["reason"], StringComparison.Ordinal);
        Assert.Contains("drive login", (string?)finding["hint"], StringComparison.Ordinal);
        Assert.DoesNotContain(token, result.Output + result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(DriveUser.ClientSecret, result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_finds_a_folder_that_is_not_there_an_open_file_and_an_account_without_storage()
    {
        WriteUser();
        File.SetUnixFileMode(Credential, OwnerOnly | UnixFileMode.OtherRead);

        var missing = (await DoctorAsync([], "--credential", Credential, "--folder", "1nowhere")).ShouldExit(15);
        await File.WriteAllTextAsync(Credential, _host.AddServiceAccount(), Ct);
        File.SetUnixFileMode(Credential, OwnerOnly);
        var homeless = (await DoctorAsync([], "--credential", Credential)).ShouldExit(15);

        Assert.Contains("warning  credential file: Others than its owner", missing.Output, StringComparison.Ordinal);
        Assert.Contains("WRONG    folder: ", missing.Output, StringComparison.Ordinal);
        Assert.Contains("no storage of its own", homeless.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_says_what_is_wrong_with_the_way_there()
    {
        WriteUser();

        var nobody = (await SidecarBinary.RunAsync(["drive", "doctor", "--credential", Credential, "--endpoint", "http://127.0.0.1:9/"], Ct)).ShouldExit(15);
        var clear = (await SidecarBinary.RunAsync(["drive", "doctor", "--credential", Credential, "--endpoint", "http://192.0.2.1/"], Ct)).ShouldExit(1);
        var none = (await DoctorAsync([], "--credential", _directory.Join("nothing"))).ShouldExit(15);

        Assert.Contains("network", nobody.Output, StringComparison.Ordinal);
        Assert.Contains("not encrypted", clear.Error, StringComparison.Ordinal);
        Assert.Contains("There is no Google credential at", none.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_that_is_there_is_attached_by_its_folder_and_not_made_again()
    {
        WriteUser();
        var made = await AddAsync("--drive", "offsite", "--credential", Credential);
        var remote = made["configuration"]!["remotes"]![0]!;
        var folder = (string)remote["drive"]!["folder"]!;

        var attached = await AddAsync("--folder", folder, "--name", "mine", "--credential", Credential);

        Assert.True((bool)made["created"]!);
        Assert.False((bool)attached["created"]!);
        Assert.Equal((string?)made["repositoryId"], (string?)attached["repositoryId"]);
        Assert.Equal(("offsite", "mine"), ((string?)remote["name"], (string?)attached["configuration"]!["remotes"]![0]!["name"]));
        Assert.Equal(remote["drive"]!.ToJsonString(), attached["configuration"]!["remotes"]![0]!["drive"]!.ToJsonString());
        Assert.Equal((folder, Credential), ((string)remote["drive"]!["folder"]!, (string?)remote["drive"]!["credentialFile"]));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_or_holds_something_else_becomes_no_repository()
    {
        WriteUser();
        var folder = await MakeFolderAsync(OfFile());
        await PutFileAsync(folder, "holiday.jpg");

        var missing = await AddAsync("--folder", "1nowhere", "--credential", Credential);
        var other = await AddAsync("--folder", folder, "--credential", Credential);

        Assert.Equal(("error", 1), ((string?)missing["type"], (int)missing["exitCode"]!));
        Assert.Contains("does not exist, or this credential does not see it", (string?)missing["message"], StringComparison.Ordinal);
        Assert.Equal("error", (string?)other["type"]);
        Assert.Contains("holiday.jpg", (string?)other["message"], StringComparison.Ordinal);
    }

    private async Task<JsonNode> AddAsync(params string[] arguments) =>
        CommandScene.ParseLines(await CommandScene.RunAsync(["repository", "add", "--endpoint", _host.BaseAddress.AbsoluteUri, .. arguments, "--json"]))[^1];

    private async Task PutFileAsync(string folder, string name)
    {
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = _host.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new("Bearer", _host.IssueTokens(clientId: DriveUser.ClientId, scope: DriveService.DriveFileScope).AccessToken);
        (await http.PostAsync("drive/v3/files", Json($$"""{"name":"{{name}}","parents":["{{folder}}"]}"""), Ct)).EnsureSuccessStatusCode();
    }

    private async Task ShouldWorkAsync(string folder, params string[] credential) => await ShouldWorkWithAsync([], folder, credential);

    private async Task ShouldWorkWithAsync(Dictionary<string, string?> environment, string folder, params string[] credential)
    {
        var result = (await DoctorAsync(environment, [.. credential, "--folder", folder])).ShouldExit(0);

        Assert.Contains("ok       probe file: It was uploaded, read back and deleted.", result.Output, StringComparison.Ordinal);
        Assert.Contains("Nothing is wrong; 0 warnings.", result.Output, StringComparison.Ordinal);
    }

    private async Task<SidecarResult> DoctorAsync(Dictionary<string, string?> environment, params string[] arguments)
    {
        await using var doctor = SidecarProcess.Start(SidecarBinary.Current, ["drive", "doctor", "--endpoint", _host.BaseAddress.AbsoluteUri, .. arguments], environment);
        return await doctor.WaitForExitAsync(Ct);
    }

    private DriveCredentialOptions OfFile() => new() { Kind = DriveCredentialKind.Json, File = Credential };

    private async Task<string> MakeFolderAsync(DriveCredentialOptions credential, string? sharedDrive = null)
    {
        using var accounts = new DriveAccounts(TimeProvider.System, _ => null);
        var options = new DriveStoreOptions { FolderId = "", SharedDriveId = sharedDrive, Credential = credential, StateDirectory = _directory.Join("state"), RootUri = _host.BaseAddress };
        return await DriveFolder.CreateAsync("test", options, accounts, TimeProvider.System, Ct);
    }

    /// <returns>The refresh token.</returns>
    private string WriteUser() => DriveUser.SignIn(_host, Credential);

    private async Task<string> WriteClientAsync()
    {
        var path = _directory.Join("client.json");
        var client = new JsonObject
        {
            ["client_id"] = DriveUser.ClientId,
            ["client_secret"] = DriveUser.ClientSecret,
            ["auth_uri"] = new Uri(_host.BaseAddress, "o/oauth2/v2/auth").AbsoluteUri,
            ["token_uri"] = new Uri(_host.BaseAddress, "token").AbsoluteUri,
        };
        await File.WriteAllTextAsync(path, new JsonObject { ["installed"] = client }.ToJsonString(), Ct);
        return path;
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
