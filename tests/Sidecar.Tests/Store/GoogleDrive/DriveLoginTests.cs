using System.Net;
using BackupSidecar.Primitives;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Store.GoogleDrive;

/// <summary>Signing in: by a browser, and by a code on another device.</summary>
public sealed class DriveLoginTests : IAsyncLifetime
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly CredentialScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _scene.StartAsync(options => options);

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task Sign_in_by_browser_gives_a_credential_that_works()
    {
        using var login = new DriveLogin(_scene.Client(), TimeProvider.System);
        using var browser = new HttpClient(new SocketsHttpHandler());
        var page = Task.FromResult("");

        var document = await login.ByBrowserAsync(port: 0, address => page = browser.GetStringAsync(address, Ct), Ct);
        LoginFile.Write(_scene.CredentialFile, document);

        Assert.Contains("Signed in", await page, StringComparison.Ordinal);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(_scene.CredentialFile));
        var store = await _scene.StoreAsync(_scene.OfFile());
        await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct);
    }

    [Fact]
    public async Task Sign_in_asks_for_files_of_this_program_only_with_a_proof_key_and_comes_back_to_loopback()
    {
        using var login = new DriveLogin(_scene.Client(), TimeProvider.System);
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
        await _scene.StartAsync(options => options with { Consent = DriveEmulator.OAuth.ConsentMode.Deny });
        using var login = new DriveLogin(_scene.Client(), TimeProvider.System);
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
        using var login = new DriveLogin(_scene.Client(), TimeProvider.System);
        var signingIn = login.ByDeviceAsync((_, code) => Assert.True(_scene.Host.AnswerDevice(code, agrees)), Ct);

        if (!agrees)
        {
            Assert.Contains("access_denied", (await Assert.ThrowsAsync<DriveCredentialException>(() => signingIn)).Message, StringComparison.Ordinal);
            return;
        }

        LoginFile.Write(_scene.CredentialFile, await signingIn);
        var store = await _scene.StoreAsync(_scene.OfFile());
        await store.PutAsync(ObjectName.Parse("a"), new ContentAtHand([1]), Ct);
    }
}
