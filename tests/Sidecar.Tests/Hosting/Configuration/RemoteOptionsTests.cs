using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Configuration;

/// <summary>The keys of repositories beside the local one, each by itself: what it can be, and what is said of anything else.</summary>
public sealed class RemoteOptionsTests : IDisposable
{
    private const string Credential = "\"credentialFile\": \"/c\"";

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    /// <summary>What the one problem of each list of remotes must say.</summary>
    public static TheoryData<string, string> Mistakes => new()
    {
        { "{ \"path\": \"/a\" }", "remotes[0].name: is missing." },
        { "{ \"name\": \"\", \"path\": \"/a\" }", "remotes[0].name: '' is not allowed" },
        { "{ \"name\": \".a\", \"path\": \"/a\" }", "remotes[0].name: '.a' is not allowed: the key can be 1 to 64 letters" },
        { "{ \"name\": 1, \"path\": \"/a\" }", "remotes[0].name: 1 is not allowed: the key needs" },
        { "{ \"name\": \"local\", \"path\": \"/a\" }", "remotes: [0] has the name 'local', which is that of the local repository" },
        { "{ \"name\": \"a\" }", "remotes[0].path: is missing: give path, or drive." },
        { "{ \"name\": \"a\", \"path\": 7 }", "remotes[0].path: 7 is not allowed" },
        { "{ \"name\": \"a\", \"path\": \"/a\", \"interval\": \"4s\" }", "remotes[0].interval: '4s' is not allowed: the key can be 5s to 1d." },
        { "{ \"name\": \"a\", \"path\": \"/a\", \"interval\": \"2d\" }", "remotes[0].interval: '2d' is not allowed: the key can be 5s to 1d." },
        { "{ \"name\": \"a\", \"path\": \"/a\", \"intervall\": \"1m\" }", "remotes[0].intervall: there is no such key. Did you mean 'interval'?" },
        { "{ \"name\": \"a\", \"path\": \"/r\" }", "remotes: [0] is the local repository /r" },
        { "{ \"name\": \"a\", \"path\": \"/a\" }, { \"name\": \"a\", \"path\": \"/b\" }", "remotes: [0] and [1] have the same name 'a'" },
        { "{ \"name\": \"a\", \"path\": \"/a\" }, { \"name\": \"b\", \"path\": \"/b/../a\" }", "remotes: [0] and [1] are the same repository /a." },
        { string.Join(',', Enumerable.Range(0, 5).Select(i => $$"""{ "name": "r{{i}}", "path": "/{{i}}" }""")), "remotes: has 5 repositories; 4 at most are fed." },
        { "{ \"name\": \"a\", \"drive\": \"folder\" }", "remotes[0].drive: 'folder' is not allowed: the key needs an object" },
        { $"{{ \"name\": \"a\", \"path\": \"/a\", \"drive\": {{ \"folder\": \"f\", {Credential} }} }}", "remotes[0].path: and drive exclude each other: give one of them." },
        { $"{Drive("\"folder\": \"f\", " + Credential)}, {Drive("\"folder\": \"f\", \"credentialFile\": \"/d\"", "b")}", "remotes: [0] and [1] are the same repository Google Drive folder f." },
        { Drive(Credential), "remotes[0].drive.folder: is missing: 'backup-sidecar repository add --drive NAME' makes a folder" },
        { Drive("\"folder\": \"\", " + Credential), "remotes[0].drive.folder: '' is not allowed" },
        { Drive("\"folder\": \"a/b\", " + Credential), "remotes[0].drive.folder: 'a/b' is not allowed: the key can be the id of a folder; an id has letters" },
        { Drive("\"folder\": 7, " + Credential), "remotes[0].drive.folder: 7 is not allowed: the key needs" },
        { OfFolder("\"foldr\": \"g\", " + Credential), "remotes[0].drive.foldr: there is no such key. Did you mean 'folder'?" },
        { OfFolder("\"sharedDrive\": \"a b\", " + Credential), "remotes[0].drive.sharedDrive: 'a b' is not allowed: the key can be the id of a shared drive" },
        { OfFolder("\"sharedDrive\": true, " + Credential), "remotes[0].drive.sharedDrive: true is not allowed: the key needs" },
        { OfFolder("\"subject\": \"x@y\""), "remotes[0].drive.credentialFile: is missing: give credentialFile, or credentialVariable." },
        { OfFolder("\"credentialVariable\": \"V\", " + Credential), "remotes[0].drive.credentialFile: and credentialVariable exclude each other: give one of them." },
        { OfFolder("\"credentialFile\": \"\""), "remotes[0].drive.credentialFile: '' is not allowed" },
        { OfFolder("\"credentialFile\": {}"), "remotes[0].drive.credentialFile: an object is not allowed" },
        { OfFolder("\"credentialVariable\": \"A-B\""), "remotes[0].drive.credentialVariable: 'A-B' is not allowed: the key can be the name of an environment variable" },
        { OfFolder("\"credentialVariable\": 3"), "remotes[0].drive.credentialVariable: 3 is not allowed" },
        { OfFolder("\"credentialKind\": \"jsn\", " + Credential), "remotes[0].drive.credentialKind: 'jsn' is not allowed: the key can be json, refreshtoken or accesstoken; did you mean 'json'." },
        { OfFolder("\"credentialKind\": 1, " + Credential), "remotes[0].drive.credentialKind: 1 is not allowed" },
        { OfFolder("\"credentialKind\": \"refreshtoken\", " + Credential), "remotes[0].drive.clientFile: is missing: a bare refresh token belongs to an OAuth client." },
        { OfFolder("\"clientFile\": \"/k\", " + Credential), "remotes[0].drive.clientFile: goes with \"credentialKind\": \"refreshtoken\" only." },
        { OfFolder("\"clientFile\": false, \"credentialKind\": \"refreshtoken\", " + Credential), "remotes[0].drive.clientFile: false is not allowed" },
        { OfFolder("\"subject\": \"x@y\", \"credentialKind\": \"accesstoken\", " + Credential), "remotes[0].drive.subject: goes with the key of a service account only" },
        { OfFolder("\"subject\": 5, " + Credential), "remotes[0].drive.subject: 5 is not allowed" },
        { OfFolder("\"unitsPerMinute\": 999, " + Credential), "remotes[0].drive.unitsPerMinute: 999 is not allowed: the key can be 1000 to 100000000." },
        { OfFolder("\"unitsPerMinute\": 100000001, " + Credential), "remotes[0].drive.unitsPerMinute: 100000001 is not allowed" },
        { OfFolder("\"unitsPerMinute\": \"many\", " + Credential), "remotes[0].drive.unitsPerMinute: 'many' is not allowed: the key needs" },
        { OfFolder("\"requestsPerDay\": 0, " + Credential), "remotes[0].drive.requestsPerDay: 0 is not allowed: the key can be 1000 to 1000000000." },
        { OfFolder("\"requestsPerDay\": 1.5, " + Credential), "remotes[0].drive.requestsPerDay: 1.5 is not allowed" },
        { OfFolder("\"endpoint\": \"https://drive.example.com/\", " + Credential), "remotes[0].drive.endpoint: 'https://drive.example.com/' is not allowed: the key can be the address of an emulator on this host" },
        { OfFolder("\"endpoint\": \"http://127.0.0.1:1/drive\", " + Credential), "remotes[0].drive.endpoint: 'http://127.0.0.1:1/drive' is not allowed" },
        { OfFolder("\"endpoint\": \"127.0.0.1:1\", " + Credential), "remotes[0].drive.endpoint: '127.0.0.1:1' is not allowed" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_key(string remotes, string expected) =>
        Assert.Contains(expected, Assert.Single(Load(remotes).Problems).ToString(), StringComparison.Ordinal);

    [Fact]
    public void Every_key_is_read()
    {
        var loaded = Load(
            """
            { "name": "nas", "path": "/nas", "interval": "5s" },
            { "name": "mine", "drive": {
                "folder": "f-1_A", "sharedDrive": "s", "credentialVariable": "V", "credentialKind": "refreshtoken", "clientFile": "/k", "unitsPerMinute": 1000, "requestsPerDay": 1000, "endpoint": "http://localhost:8080/" } },
            { "name": "robot", "drive": { "folder": "g", "credentialFile": "/key.json", "subject": "boss@example.com" } },
            { "name": "bare", "interval": "1d", "drive": { "folder": "h", "credentialFile": "/t", "credentialKind": "accesstoken" } }
            """);

        Assert.Empty(loaded.Problems);
        Assert.Equal(
            [
                new RemoteOptions { Name = "nas", Path = "/nas", Interval = TimeSpan.FromSeconds(5) },
                new RemoteOptions
                {
                    Name = "mine",
                    Drive = new DriveRemoteOptions
                    {
                        Folder = "f-1_A",
                        SharedDrive = "s",
                        CredentialVariable = "V",
                        CredentialKind = DriveCredentialKind.RefreshToken,
                        ClientFile = "/k",
                        UnitsPerMinute = 1_000,
                        RequestsPerDay = 1_000,
                        Endpoint = new Uri("http://localhost:8080/"),
                    },
                },
                new RemoteOptions { Name = "robot", Drive = new DriveRemoteOptions { Folder = "g", CredentialFile = "/key.json", Subject = "boss@example.com" } },
                new RemoteOptions { Name = "bare", Interval = TimeSpan.FromDays(1), Drive = new DriveRemoteOptions { Folder = "h", CredentialFile = "/t", CredentialKind = DriveCredentialKind.AccessToken } },
            ],
            loaded.Options.Remotes);
    }

    [Fact]
    public void A_key_comes_by_a_variable_as_well()
    {
        File.WriteAllText(_scratch.Join("app.jsonc"), Text(OfFolder(Credential)));
        var variables = new Dictionary<string, string> { ["BACKUPSIDECAR__REMOTES__0__DRIVE__REQUESTS_PER_DAY"] = "5000" };

        var loaded = new ConfigurationSources { File = _scratch.Join("app.jsonc"), Variables = variables }.Load();

        Assert.Empty(loaded.Problems);
        Assert.Equal(5_000, loaded.Options.Remotes[0].Drive!.RequestsPerDay);
    }

    private static string OfFolder(string keys) => Drive($"\"folder\": \"f\", {keys}");

    private static string Drive(string keys, string name = "a") => $$"""{ "name": "{{name}}", "drive": { {{keys}} } }""";

    private static string Text(string remotes) => $$"""{ "repository": { "path": "/r" }, "sources": [{ "path": "/d/app.db" }], "remotes": [ {{remotes}} ] }""";

    private LoadedConfiguration Load(string remotes)
    {
        var file = _scratch.Join("app.jsonc");
        File.WriteAllText(file, Text(remotes));
        return new ConfigurationSources { File = file, Variables = new Dictionary<string, string>() }.Load();
    }
}
