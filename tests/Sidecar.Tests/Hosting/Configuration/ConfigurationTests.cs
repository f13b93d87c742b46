using BackupSidecar.Following;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Configuration;

/// <summary>One strict file, variables over it, the command line over them; every mistake is found, with its place.</summary>
public sealed class ConfigurationTests : IDisposable
{
    private const string Least = """{ "repository": { "path": "/r" }, "sources": [{ "path": "/d/app.db" }] }""";

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    /// <summary>What the one problem of each text must say; the file is called app.jsonc.</summary>
    public static TheoryData<string, string> Mistakes => new()
    {
        { """{ "repositry": { "path": "/r" }, "repository": { "path": "/r" }, "sources": [{ "path": "/d" }] }""", "app.jsonc:1: repositry: there is no such key. Did you mean 'repository'?" },
        { "{ \"repository\": { \"path\": \"/r\" },\n\"sources\": [\n{ \"path\": \"/d\",\n\"intervall\": \"1s\" }] }", "app.jsonc:4: sources[0].intervall: there is no such key. Did you mean 'interval'?" },
        { Source("\"Interval\": \"1s\""), "sources[0].Interval: there is no such key. Did you mean 'interval'?" },
        { Source("\"interval\": 100"), "sources[0].interval: 100 is not allowed: the key needs a duration in quotes: 0s to 1h." },
        { Source("\"interval\": \"100\""), "'100' is not allowed: the key can be 0s to 1h; a duration is a whole number and ms, s, m, h or d" },
        { Source("\"interval\": \"2h\""), "'2h' is not allowed: the key can be 0s to 1h." },
        { Source("\"rollbackJournalInterval\": \"10ms\""), "'10ms' is not allowed: the key can be 1s to 1d." },
        { Source("\"enabled\": \"yes\""), "sources[0].enabled: 'yes' is not allowed: the key needs a flag: true or false." },
        { Source("\"enabled\": null"), "sources[0].enabled: null is not allowed" },
        { Source("\"compression\": \"hevy\""), "'hevy' is not allowed: the key can be none, light or heavy; did you mean 'heavy'." },
        { Source("\"mode\": \"asist\""), "'asist' is not allowed: the key can be observe or assist; did you mean 'assist'." },
        { Source("\"mode\": \"assist\""), "sources[0].appSqliteVersion: is missing: the mode assist needs to know" },
        { Source("\"mode\": \"assist\", \"appSqliteVersion\": \"3.51.2\""), "'3.51.2' is not allowed: the key can be a version such as 3.51.3; SQLite 3.7.0 to 3.51.2 can lose commits" },
        { Source("\"mode\": \"assist\", \"appSqliteVersion\": \"3.50.6\""), "'3.50.6' is not allowed" },
        { Source("\"mode\": \"assist\", \"appSqliteVersion\": \"3.44.5\""), "'3.44.5' is not allowed" },
        { Source("\"mode\": \"assist\", \"appSqliteVersion\": \"3.46.1\""), "'3.46.1' is not allowed" },
        { Source("\"mode\": \"assist\", \"appSqliteVersion\": \"3.6.23\""), "'3.6.23' is not allowed: the key can be a version such as 3.51.3; a version is three numbers with points" },
        { Source("\"mode\": \"assist\", \"appSqliteVersion\": \"3.53\""), "a version is three numbers with points" },
        { Source("\"mode\": \"assist\", \"appSqliteVersion\": \"3.53.0\", \"walLimitMegabytes\": 0"), "sources[0].walLimitMegabytes: 0 is not allowed: the key can be 1 to 1048576." },
        { Source("\"walLimitMegabytes\": 10"), "sources[0].walLimitMegabytes: goes with \"mode\": \"assist\" only." },
        { Source("\"appSqliteVersion\": \"3.53.0\""), "sources[0].appSqliteVersion: goes with \"mode\": \"assist\" only." },
        { Source("\"name\": \"../up\""), "'../up' is not allowed: the key can be 1 to 64 letters" },
        { Source("\"name\": \"\""), "sources[0].name: '' is not allowed" },
        { Source("\"name\": \"a\", \"name\": \"b\""), "sources[0].name: the key is there twice, first at " },
        { Source("\"glob\": \"*.db\""), "sources[0].glob: goes with directory only." },
        { Source("\"directory\": \"/e\""), "sources[0].path: and directory exclude each other" },
        { """{ "repository": { "path": "/r" }, "sources": [{ "name": "a" }] }""", "sources[0].path: is missing: give path, or directory." },
        { """{ "repository": { "path": "/r" }, "sources": [{ "directory": "/d", "glob": "**/a.db" }] }""", "'**/a.db' is not allowed" },
        { """{ "repository": { "path": "/r" }, "sources": [{ "directory": "/d", "exclude": "a" }] }""", "sources[0].exclude: 'a' is not allowed: the key needs a list" },
        { """{ "repository": { "path": "/r" }, "sources": [{ "directory": "/d", "exclude": [3] }] }""", "sources[0].exclude: 3 is not allowed" },
        { """{ "repository": { "path": "/r" }, "sources": [] }""", "sources: is empty: name at least one database (on" },
        { """{ "repository": { "path": "/r" } }""", "sources: is missing: name at least one database (on" },
        { """{ "repository": { "path": "/r" }, "sources": { "path": "/d" } }""", "sources: an object is not allowed: the key needs a list of objects" },
        { """{ "repository": "/r", "sources": [{ "path": "/d" }] }""", "repository: '/r' is not allowed: the key needs an object" },
        { """{ "sources": [{ "path": "/d" }] }""", "repository.path: is missing" },
        { """{ "repository": { "path": "/r" }, "sources": [{ "path": "/d/a.db" }, { "path": "/e/a.db" }] }""", "[0] and [1] have the same name 'a'" },
        { """{ "repository": { "path": "/r" }, "sources": [{ "path": "/d/a.db" }, { "path": "/d/../d/a.db", "name": "b" }] }""", "[0] and [1] are the same database /d/a.db." },
        { """{ "repository": { "path": "/r" }, "sources": [{ "path": "/d/a.db" }], "shutdown": { "deadline": "2s" } }""", "shutdown.reserve: 3s is not shorter than the deadline of 2s." },
        { Levels("\"1m for 1d\", \"1x\""), "compaction.levels: '1x' is no level: a level is a span and how long its points are kept" },
        { Levels("\"1m for 1d\", \"1h for 2d\""), "compaction.levels: the last level, and only that one, is a span alone" },
        { Levels("\"1m\", \"1d\""), "compaction.levels: the last level, and only that one, is a span alone" },
        { Levels("\"2m for 1d\", \"3m for 2d\", \"1d\""), "The span of a compaction level must be a multiple of the one before" },
        { Levels("\"1m for 1h\", \"1d\""), "The restore points of each 1m must be kept for 1d or longer" },
        { Levels(""), "compaction.levels: Compaction needs at least one level" },
        { "{ \"repository\":\n { \"path\": /r } }", "app.jsonc:2: this is not JSON with comments: " },
        { "", "app.jsonc:1: this is not JSON with comments" },
        { "{} {}", "app.jsonc:1: this is not JSON with comments" },
        { "[]", "app.jsonc:1: the file holds one object: { … }." },
    };

    [Theory]
    [InlineData("3.51.3", 3_051_003)]
    [InlineData("3.50.7", 3_050_007)]
    [InlineData("3.44.6", 3_044_006)]
    [InlineData("3.53.4", 3_053_004)]
    public void Assist_takes_versions_without_the_fault(string version, uint number)
    {
        var loaded = Load(Source($"\"mode\": \"assist\", \"appSqliteVersion\": \"{version}\", \"walLimitMegabytes\": 7"));

        Assert.Empty(loaded.Problems);
        Assert.Equal((CaptureMode.Assist, number, 7L), (loaded.Options.Sources[0].Mode, loaded.Options.Sources[0].AppSqliteVersion, loaded.Options.Sources[0].WalLimitMegabytes));
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_place(string text, string expected)
    {
        var problems = Load(text).Problems;

        Assert.Contains(expected, Assert.Single(problems).ToString(), StringComparison.Ordinal);
        Assert.Contains("app.jsonc", problems[0].Origin, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_mistake_is_found_at_once()
    {
        var problems = Load("""{ "sources": [{ "path": "/d", "a": 1 }, { "path": "/e", "interval": "x" }], "shutdown": { "deadline": 3 }, "z": {} }""").Problems;

        Assert.Equal(["repository.path", "shutdown.deadline", "sources[0].a", "sources[1].interval", "z"], problems.Select(problem => problem.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_least_configuration_has_the_defaults()
    {
        var loaded = Load(Least);

        Assert.Empty(loaded.Problems);
        Assert.Equal("/r", loaded.Options.RepositoryPath);
        Assert.Null(loaded.Options.StatePath);
        Assert.Equal(new SourceOptions { Path = "/d/app.db" }, Assert.Single(loaded.Options.Sources) with { Exclude = new SourceOptions().Exclude });
        Assert.Equal(new ShutdownOptions(), loaded.Options.Shutdown);
        Assert.Equal(new LogOptions(), loaded.Options.Log);
        Assert.Equal(new CompactionSettings(), loaded.Options.Compaction);
        Assert.Equal((TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(60)), (loaded.Options.Sources[0].Interval, loaded.Options.Sources[0].RollbackJournalInterval));
        Assert.Equal(TimeSpan.FromSeconds(8), loaded.Options.Shutdown.Deadline);
    }

    [Fact]
    public void Comments_and_trailing_commas_are_allowed_and_every_key_is_read()
    {
        var loaded = Load("""
            // what we follow
            {
              "repository": { "path": "/r", }, /* a volume */
              "state": { "path": "/s" },
              "sources": [
                { "name": "a", "path": "/d/app.db", "enabled": false, "mode": "observe", "interval": "0s", "rollbackJournalInterval": "5m", "compression": "heavy" },
                { "directory": "/t", "glob": "*/x?.db", "exclude": ["old*", "*.tmp.db",], "rescan": "1m" },
              ],
              "shutdown": { "deadline": "25s", "reserve": "500ms" },
              "compaction": { "window": "2h", "levels": ["1m for 3d", "1h for 90d", "1d"], "fullAfter": "14d", "grace": "30m" },
              "log": { "format": "json", "level": "debug" },
            }
            """);

        Assert.Empty(loaded.Problems);
        Assert.Equal("/s", loaded.Options.StatePath);
        var (one, directory) = (loaded.Options.Sources[0], loaded.Options.Sources[1]);
        Assert.Equal(("a", "/d/app.db", false, CaptureMode.Observe), (one.Name, one.Path, one.Enabled, one.Mode));
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromMinutes(5), CompressionLevel.Heavy), (one.Interval, one.RollbackJournalInterval, one.Compression));
        Assert.Equal(("/t", "*/x?.db", TimeSpan.FromMinutes(1)), (directory.Directory, directory.Glob, directory.Rescan));
        Assert.Equal(["old*", "*.tmp.db"], directory.Exclude);
        Assert.Equal((TimeSpan.FromSeconds(25), TimeSpan.FromMilliseconds(500)), (loaded.Options.Shutdown.Deadline, loaded.Options.Shutdown.Reserve));
        var compaction = new CompactionSettings
        {
            Window = TimeSpan.FromHours(2),
            Levels = [new(TimeSpan.FromMinutes(1), TimeSpan.FromDays(3)), new(TimeSpan.FromHours(1), TimeSpan.FromDays(90)), new(TimeSpan.FromDays(1), TimeSpan.MaxValue)],
            FullAfter = TimeSpan.FromDays(14),
            Grace = TimeSpan.FromMinutes(30),
        };
        Assert.Equal(compaction, loaded.Options.Compaction);
        Assert.Equal((LogFormat.Json, LogLevelName.Debug), (loaded.Options.Log.Format, loaded.Options.Log.Level));
    }

    [Fact]
    public void Variables_lie_over_the_file()
    {
        var loaded = Load(
            Least,
            ("BACKUPSIDECAR__REPOSITORY__PATH", "/other"),
            ("BACKUPSIDECAR__SOURCES__0__ROLLBACK_JOURNAL_INTERVAL", "5m"),
            ("backupsidecar__sources__1__directory", "/t"),
            ("BACKUPSIDECAR__SOURCES__1__EXCLUDE__0", "a"),
            ("BACKUPSIDECAR__SOURCES__1__ENABLED", "false"),
            ("BACKUPSIDECAR_DEBUG", "1"));

        Assert.Empty(loaded.Problems);
        Assert.Equal("/other", loaded.Options.RepositoryPath);
        Assert.Equal(TimeSpan.FromMinutes(5), loaded.Options.Sources[0].RollbackJournalInterval);
        Assert.Equal(("/t", false), (loaded.Options.Sources[1].Directory, loaded.Options.Sources[1].Enabled));
        Assert.Equal(["a"], loaded.Options.Sources[1].Exclude);
    }

    [Fact]
    public void Variables_alone_are_a_configuration()
    {
        var variables = Enumerable.Range(0, 12).Select(i => ($"BACKUPSIDECAR__SOURCES__{i}__PATH", $"/d/{i}.db")).Append(("BACKUPSIDECAR__REPOSITORY__PATH", "/r"));

        var loaded = new ConfigurationSources { Variables = variables.ToDictionary(pair => pair.Item1, pair => pair.Item2) }.Load();

        Assert.Empty(loaded.Problems);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => $"/d/{i}.db"), loaded.Options.Sources.Select(source => source.Path));
    }

    [Theory]
    [InlineData("BACKUPSIDECAR__SHUTDOWN__DEADLIN", "8s", "shutdown.deadlin: there is no such key. Did you mean 'deadline'?")]
    [InlineData("BACKUPSIDECAR__SHUTDOWN__DEADLINE", "soon", "shutdown.deadline: 'soon' is not allowed")]
    [InlineData("BACKUPSIDECAR__SHUTDOWN_DEADLINE", "8s", "there is no such key")]
    [InlineData("BACKUPSIDECAR__SOURCES__2__PATH", "/x", "item 2 of a list that has 1")]
    [InlineData("BACKUPSIDECAR__SOURCES__A__PATH", "/x", "'A' stands where the number of a list item is needed")]
    [InlineData("BACKUPSIDECAR__SOURCES__0__PATH__X", "/x", "'X' leads nowhere")]
    [InlineData("BACKUPSIDECAR_LOG__LEVEL", "debug", "variables of this program begin with BACKUPSIDECAR__")]
    [InlineData("BACKUP_SIDECAR__LOG__LEVEL", "debug", "variables of this program begin with BACKUPSIDECAR__")]
    [InlineData("BACKUPSIDECAR__LOG__LEVEL_FILE", "", "it is empty: name the file")]
    [InlineData("BACKUPSIDECAR__LOG__LEVEL_FILE", "/nowhere/file", "the file /nowhere/file cannot be read")]
    public void A_mistake_in_a_variable_names_the_variable(string name, string value, string expected)
    {
        var problem = Assert.Single(Load(Least, (name, value)).Problems);

        Assert.Contains(expected, problem.ToString(), StringComparison.Ordinal);
        Assert.Equal($"environment variable {name}", problem.Origin);
    }

    [Fact]
    public void What_a_cluster_sets_for_a_service_of_that_name_is_no_mistake() =>
        Assert.Empty(Load(Least, ("BACKUPSIDECAR_SERVICE_HOST", "10.0.0.1"), ("BACKUPSIDECAR_PORT_80_TCP_ADDR", "10.0.0.1"), ("BACKUPSIDECAR_DEBUG", "1")).Problems);

    [Fact]
    public void Bytes_that_are_no_text_are_a_mistake_of_the_file()
    {
        File.WriteAllBytes(_scratch.Join("serve.jsonc"), [.. "{\n\"repository\": { \"path\": \""u8, 0xFF, .. "\" } }"u8]);

        Assert.EndsWith("serve.jsonc:2: this is not UTF-8 text: save the file in that encoding.", Assert.Single(new ConfigurationSources { File = _scratch.Join("serve.jsonc") }.Load().Problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_from_a_file_is_read_and_never_shown()
    {
        File.WriteAllText(_scratch.Join("secret"), "/hidden\n");

        var loaded = Load(Least, ("BACKUPSIDECAR__STATE__PATH_FILE", _scratch.Join("secret")));

        Assert.Empty(loaded.Problems);
        Assert.Equal("/hidden", loaded.Options.StatePath);
        Assert.DoesNotContain("hidden", loaded.EffectiveText(), StringComparison.Ordinal);
        Assert.Contains("(secret)", loaded.EffectiveText(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_value_from_a_file_is_not_shown_either()
    {
        File.WriteAllText(_scratch.Join("secret"), "s3cret");

        var loaded = Load(Least, ("BACKUPSIDECAR__LOG__LEVEL_FILE", _scratch.Join("secret")));

        Assert.DoesNotContain("s3cret", Assert.Single(loaded.Problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_is_given_as_value_and_as_file_is_a_mistake()
    {
        var problem = Assert.Single(Load(Least, ("BACKUPSIDECAR__LOG__LEVEL", "debug"), ("BACKUPSIDECAR__LOG__LEVEL_FILE", "/nowhere")).Problems);

        Assert.Contains("the same key is given by BACKUPSIDECAR__LOG__LEVEL too", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_line_lies_over_all()
    {
        var loaded = new ConfigurationSources
        {
            Variables = new Dictionary<string, string> { ["BACKUPSIDECAR__REPOSITORY__PATH"] = "/v" },
            CommandLine = [("repository.path", "/c", "--repository")],
            Databases = ["/d/a.db", "/d/b.db"],
            Interval = "7s",
        }.Load();

        Assert.Empty(loaded.Problems);
        Assert.Equal("/c", loaded.Options.RepositoryPath);
        Assert.Equal([("/d/a.db", TimeSpan.FromSeconds(7)), ("/d/b.db", TimeSpan.FromSeconds(7))], loaded.Options.Sources.Select(source => (source.Path!, source.Interval)));
    }

    [Fact]
    public void A_wrong_value_of_the_command_line_names_its_option()
    {
        var loaded = new ConfigurationSources { CommandLine = [("repository.path", "/c", "--repository")], Databases = ["/d"], Interval = "7" }.Load();

        Assert.Equal("--interval", Assert.Single(loaded.Problems).Origin);
    }

    [Fact]
    public void What_is_in_effect_can_be_given_as_a_configuration_again()
    {
        var first = Load("""{ "repository": { "path": "/r" }, "state": { "path": "/s" }, "sources": [{ "directory": "/d", "name": "e", "exclude": ["x"] }, { "path": "/e/a.db" }] }""").EffectiveText();

        var second = Load(first);

        Assert.Empty(second.Problems);
        Assert.Equal(first, second.EffectiveText());
    }

    [Theory]
    [InlineData("0s", 0)]
    [InlineData("1ms", 1)]
    [InlineData("90s", 90_000)]
    [InlineData("5m", 300_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("7d", 604_800_000)]
    public void Durations_are_read(string text, long milliseconds)
    {
        Assert.True(DurationText.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
        Assert.True(DurationText.TryParse(DurationText.Of(duration), out var again));
        Assert.Equal(duration, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("5")]
    [InlineData("-5s")]
    [InlineData("1.5s")]
    [InlineData("5 s")]
    [InlineData("5S")]
    [InlineData("5us")]
    [InlineData("99999999999999999999s")]
    [InlineData("9999999999999d")]
    public void Other_durations_are_not(string text) => Assert.False(DurationText.TryParse(text, out _));

    private static string Levels(string levels) =>
        $$"""{ "repository": { "path": "/r" }, "sources": [{ "path": "/d/app.db" }], "compaction": { "levels": [{{levels}}] } }""";

    private static string Source(string keys) => $$"""{ "repository": { "path": "/r" }, "sources": [{ "path": "/d/app.db", {{keys}} }] }""";

    private LoadedConfiguration Load(string text, params (string Name, string Value)[] variables)
    {
        var file = _scratch.Join("app.jsonc");
        File.WriteAllText(file, text);
        return new ConfigurationSources { File = file, Variables = variables.ToDictionary(pair => pair.Name, pair => pair.Value) }.Load();
    }
}
