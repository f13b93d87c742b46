using System.CommandLine;
using System.CommandLine.Parsing;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Hosting.Configuration;

namespace BackupSidecar.Cli;

/// <summary>How serve is configured: by options, or by a file; and by variables in both cases.</summary>
internal sealed class ServeOptions
{
    private readonly Option<string[]> _database = new("--database")
    {
        Description = "A SQLite database to follow; several may be given. It need not exist yet.",
        HelpName = "PATH",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _repository = CommonOptions.Text("--repository", "DIR", "The directory of the repository; it is made if it does not exist.");
    private readonly Option<string> _interval = CommonOptions.Text("--interval", "D", "Commits within this time are captured together. Default: 100ms.");
    private readonly Option<string> _state = CommonOptions.Text(
        "--state", "DIR", "Where page hashes and the sockets of the service are kept, never beside a database. Default: $XDG_STATE_HOME/backup-sidecar or ~/.local/state/backup-sidecar.");
    private readonly Option<string> _config = CommonOptions.Config();
    private readonly Option<string> _logFormat = CommonOptions.Choice("--log-format", "Lines for people, or one JSON object a line.", "text", "text", "json");

    private readonly Option<string> _monitor = CommonOptions.Text("--monitor-listen", "ADDR", "An IP address and a port for probes and metrics, such as 0.0.0.0:9090: /livez, /readyz, /startupz, /metrics.");

    public void AddTo(Command command)
    {
        _database.Validators.Add(Rules.NotEmpty);
        foreach (var option in (Option[])[_database, _repository, _interval, _state, _config, _logFormat, _monitor])
        {
            command.Add(option);
        }

        foreach (var option in (Option[])[_database, _repository, _interval, _state])
        {
            command.Validators.Add(Rules.AtMostOne(_config, option));
        }

        command.Validators.Add(result =>
        {
            if (result.GetResult(_interval) is { Implicit: false } && result.GetResult(_database) is null)
            {
                result.AddError("--interval goes with --database; in a configuration each source has its own.");
            }
        });
    }

    public ConfigurationSources SourcesOf(ParseResult parsed, Surroundings surroundings)
    {
        (string Key, string? Value, string Option)[] given =
        [
            ("repository.path", parsed.GetValue(_repository), _repository.Name),
            ("state.path", parsed.GetValue(_state), _state.Name),
            ("service.monitorListen", parsed.GetValue(_monitor), _monitor.Name),
            ("log.format", parsed.GetValue(_logFormat), _logFormat.Name),
        ];
        return new ConfigurationSources
        {
            File = parsed.GetValue(_config),
            Variables = surroundings.Variables(),
            CommandLine = [.. given.Where(item => item.Value is not null).Select(item => (item.Key, item.Value!, item.Option))],
            Databases = parsed.GetValue(_database) ?? [],
            Interval = parsed.GetValue(_interval),
        };
    }

    /// <summary>Says the first problem, and how many more there are.</summary>
    public static LoadedConfiguration? TryLoad(ConfigurationSources configuration, ICommandOutput output)
    {
        var loaded = configuration.Load();
        if (loaded.Problems is not [var first, ..])
        {
            return loaded;
        }

        var more = loaded.Problems.Count == 1 ? "" : $" ({loaded.Problems.Count - 1} more)";
        output.Fail(new Failure(ExitCode.Failed, $"{first}{more}", "'backup-sidecar config check --config FILE' shows every problem; docs/configuration.md every key.", Details: null));
        return null;
    }
}
