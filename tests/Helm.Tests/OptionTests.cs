using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using BackupSidecar.Helm.Tests.Manifests;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace BackupSidecar.Helm.Tests;

/// <summary>Every option of the program is a value of the same name, and every value of the program's sections is an option: docs/configuration.md is the list.</summary>
public sealed partial class OptionTests
{
    /// <summary>Where a pod needs another default than the program has: paths on volumes, an address for probes, the time of a pod.</summary>
    private static readonly Dictionary<string, string> OtherDefaults = new()
    {
        ["repository.path"] = "/backups",
        ["state.path"] = "/var/lib/backup-sidecar",
        ["shutdown.deadline"] = "20s",
        ["service.appSocket"] = "/run/backup-sidecar/sidecar.sock",
        ["service.monitorListen"] = "0.0.0.0:9464",
    };

    /// <summary>Each option at another value than its default, so that none can get lost on its way to the program.</summary>
    private const string EveryOption = """
        app: { image: { repository: app } }
        backupSidecar:
          repository: { path: /repository }
          remotes:
            - { name: share, path: /mnt/share, interval: 2m }
            - name: drive
              drive:
                { folder: a, sharedDrive: b, credentialFile: /secrets/a, credentialKind: refreshtoken, clientFile: /secrets/b, unitsPerMinute: 2000, requestsPerDay: 3000, endpoint: "http://127.0.0.1:8080/" }
            - { name: other, drive: { folder: c, credentialVariable: OTHER, subject: a@example.com } }
          state: { path: /state, instance: me }
          sources:
            - { name: a, path: /data/a.db, enabled: false, mode: assist, appSqliteVersion: 3.53.0, walLimitMegabytes: 8, interval: 1s, rollbackJournalInterval: 2m, scrub: 2d, compression: heavy, startEmpty: true, backupEvery: 1d, drillEvery: 7d }
            - { directory: /data/many, glob: "*.sqlite", exclude: [tmp-*], rescan: 1m }
          compaction: { enabled: false, window: 2h, levels: ["5m for 1d", 1d], fullAfter: 8d, grace: 11m }
          backups: { deleteGrace: 8d }
          restore: { confirmWithin: 11m, keepOld: 8d }
          shutdown: { deadline: 25s, reserve: 4s }
          service:
            { appSocket: /run/app/a.sock, appSocketGroup: 1654, listen: "127.0.0.1:1", grpcWebListen: "[::1]:2", tokenFile: /secrets/t, monitorListen: "0.0.0.0:3", monitorGrpcListen: "0.0.0.0:4", monitorNames: true }
          log: { format: json, level: debug }
          secretFiles: [{ secret: a, mountPath: /secrets }]
          secretVariables: [{ name: OTHER, secret: a, key: a }]
          extraVolumeMounts: [{ name: share, mountPath: /mnt/share }]
        extraVolumes: [{ name: share, emptyDir: {} }]
        """;

    [Fact]
    public void Every_option_has_a_value_and_every_value_of_the_programs_is_an_option()
    {
        var options = Options();
        var sections = options.Select(static option => SectionOf(option.Key)).ToHashSet();
        var schema = JsonNode.Parse(File.ReadAllText(Path.Combine(Chart.Library.Folder, "values.schema.json")))!["properties"]!.AsObject()
            .Where(section => sections.Contains(section.Key)).SelectMany(section => KeysOf(section.Key, section.Value!)).ToHashSet();

        Assert.True(options.Count > 40, $"{options.Count} options were found in docs/configuration.md.");
        Assert.Equal(options.Select(static option => option.Key).ToHashSet(), schema);
    }

    [Fact]
    public void The_default_of_a_value_is_the_programs_unless_a_pod_needs_another()
    {
        var values = LibraryValues();

        foreach (var (key, fallback) in Options().Where(static option => !option.Key.Contains("[]", StringComparison.Ordinal)))
        {
            var parts = key.Split('.');
            var value = (YamlNode)values;
            foreach (var part in parts)
            {
                value = value[part];
            }

            var expected = OtherDefaults.GetValueOrDefault(key, fallback.Length == 0 ? "null" : fallback);
            var text = value is YamlSequenceNode list ? $"[{string.Join(", ", list.Select(static item => $"\"{item}\""))}]" : ((YamlScalarNode)value).Value;
            Assert.True(expected == text, $"{key} is {text} in values.yaml and should be {expected}.");
        }
    }

    [Fact]
    public async Task Every_option_reaches_the_program()
    {
        Tools.NeedHelm();

        var configuration = JsonNode.Parse(Manifest.ConfigurationOf(Manifest.Load(await Chart.Application.RenderAsync(EveryOption, "1.34.0", TestContext.Current.CancellationToken))))!;

        Assert.Equal(Options().Select(static option => option.Key).ToHashSet(), Flat("", configuration).Select(static pair => pair.Key).ToHashSet());
        var asked = ((YamlMappingNode)Parse(EveryOption)["backupSidecar"]).Children.Where(section => configuration[((YamlScalarNode)section.Key).Value!] is not null);
        foreach (var (section, value) in asked)
        {
            var rendered = Flat($"{section}", configuration[$"{section}"]!).Select(static pair => $"{pair.Key} = {pair.Value}").Order(StringComparer.Ordinal);
            Assert.Equal(Flat($"{section}", value).Select(static pair => $"{pair.Key} = {pair.Value}").Order(StringComparer.Ordinal), rendered);
        }
    }

    [Fact]
    public async Task The_program_takes_every_configuration_that_is_rendered()
    {
        Tools.NeedHelm();
        var program = Environment.GetEnvironmentVariable("BACKUPSIDECAR_TEST_BINARY");
        Assert.SkipWhen(string.IsNullOrEmpty(program), "BACKUPSIDECAR_TEST_BINARY is not set: the native program, which looks at the configurations.");
        using var scratch = new ScratchFolder();
        var ct = TestContext.Current.CancellationToken;
        foreach (var values in Variants.Values.Values.Append(EveryOption))
        {
            var configuration = Manifest.ConfigurationOf(Manifest.Load(await Chart.Application.RenderAsync(values, "1.34.0", ct)));

            var check = await ProgramRun.OfAsync(program!, ["config", "check", "--config", scratch.Write("serve.jsonc", configuration)], scratch.Path, new Dictionary<string, string>(), ct);

            Assert.True(check.ExitCode == 0, $"{check.Error}\n{configuration}");
        }
    }

    [Fact]
    public async Task The_release_is_the_instance_that_holds_the_leases()
    {
        Tools.NeedHelm();

        var configuration = JsonNode.Parse(Manifest.ConfigurationOf(Manifest.Load(await Chart.Application.RenderAsync(Variants.Least, "1.34.0", TestContext.Current.CancellationToken))))!;

        Assert.Equal("notes-backup-sidecar", (string?)configuration["state"]!["instance"]);
        // What is not given is left to the program.
        Assert.Null(configuration["service"]!["tokenFile"]);
        Assert.Null(configuration["remotes"]);
    }

    /// <summary>The table of docs/configuration.md.</summary>
    private static List<(string Key, string Default)> Options() =>
        [.. File.ReadLines(Solution.PathOf("docs", "configuration.md")).Select(static line => OptionRow().Match(line)).Where(static row => row.Success)
            .Select(static row => (row.Groups["key"].Value, row.Groups["default"].Value.Trim().Trim('`')))];

    private static string SectionOf(string key) => key.Split('.', '[')[0];

    /// <summary>The keys of a schema, as docs/configuration.md writes them.</summary>
    private static IEnumerable<string> KeysOf(string path, JsonNode schema) => schema["properties"] is JsonObject properties ? properties.SelectMany(property => KeysOf($"{path}.{property.Key}", property.Value!))
        : schema["items"]?["properties"] is not null ? KeysOf($"{path}[]", schema["items"]!)
        : [path];

    private static IEnumerable<(string Key, string Value)> Flat(string path, JsonNode node) => node switch
    {
        JsonObject members => members.SelectMany(member => Flat(path.Length == 0 ? member.Key : $"{path}.{member.Key}", member.Value!)),
        JsonArray items when items.All(static item => item is JsonObject) => items.SelectMany(item => Flat($"{path}[]", item!)),
        JsonArray items => [(path, string.Join(", ", items))],
        _ => [(path, Convert.ToString(node, CultureInfo.InvariantCulture)!)],
    };

    private static IEnumerable<(string Key, string Value)> Flat(string path, YamlNode node) => node switch
    {
        YamlMappingNode members => members.SelectMany(member => Flat($"{path}.{member.Key}", member.Value)),
        YamlSequenceNode items when items.All(static item => item is YamlMappingNode) => items.SelectMany(item => Flat($"{path}[]", item)),
        YamlSequenceNode items => [(path, string.Join(", ", items))],
        _ => [(path, ((YamlScalarNode)node).Value!)],
    };

    private static YamlMappingNode LibraryValues() => Parse(File.ReadAllText(Path.Combine(Chart.Library.Folder, "values.yaml")));

    private static YamlMappingNode Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    [GeneratedRegex(@"^\| `(?<key>[A-Za-z[\].]+)` \| (text|duration|number|choice|flag|list of text): [^|]+ \|(?<default>[^|]*)\| .+ \|$")]
    private static partial Regex OptionRow();
}
