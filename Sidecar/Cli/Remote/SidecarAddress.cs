using System.CommandLine;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Service;

namespace BackupSidecar.Cli.Remote;

/// <summary>Which running serve a command means: by its socket, by its state directory, or by its configuration.</summary>
internal sealed class SidecarAddress
{
    private const string UnixScheme = "unix:";

    private readonly Option<string> _sidecar = Checked(CommonOptions.Text("--sidecar", "ADDRESS", "The socket of a running serve: unix:PATH. Default: the socket for operators in the state directory."));
    private readonly Option<string> _state = CommonOptions.Text("--state", "DIR", "The state directory of serve. Default: $XDG_STATE_HOME/backup-sidecar or ~/.local/state/backup-sidecar.");
    private readonly Option<string> _config = CommonOptions.Config();

    public void AddTo(Command command)
    {
        command.Add(_sidecar);
        command.Add(_state);
        command.Add(_config);
        command.Validators.Add(Rules.AtMostOne(_sidecar, _state));
        command.Validators.Add(Rules.AtMostOne(_sidecar, _config));
        command.Validators.Add(Rules.AtMostOne(_state, _config));
    }

    /// <summary>Of a command that works without a running serve, too.</summary>
    public static Option<string> Option() => Checked(CommonOptions.Text("--sidecar", "ADDRESS", "In place of all options for a repository: the socket of a running serve, unix:PATH, which then does it."));

    /// <summary>The path of the socket that <see cref="Option"/> names.</summary>
    public static string PathOfSocket(string address) => Path.GetFullPath(PathOf(address));

    /// <summary>The path of the socket.</summary>
    /// <exception cref="Primitives.OperatorException">The path is too long for one, or the configuration cannot be read.</exception>
    public string Of(ParseResult parsed, ICommandOutput output, Surroundings surroundings)
    {
        if (parsed.GetValue(_sidecar) is { } address)
        {
            return PathOfSocket(address);
        }

        var state = parsed.GetValue(_state) ?? StateOf(parsed.GetValue(_config), output, surroundings);
        return SocketPath.ForOperators(RepositoryLocation.StateDirectory(state, surroundings.Variable));
    }

    private static Option<string> Checked(Option<string> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !IsAddress(token.Value))
            {
                result.AddError($"'{token.Value}' is no address: allowed is unix:PATH with the path of a socket, such as unix:/run/backup-sidecar/app.sock.");
            }
        });
        return option;
    }

    private static bool IsAddress(string text) => text.StartsWith(UnixScheme, StringComparison.Ordinal) && PathOf(text).Length > 0;

    /// <summary>unix:PATH and unix:///PATH are the same, as for every gRPC client.</summary>
    private static string PathOf(string address)
    {
        var path = address[UnixScheme.Length..];
        return path.StartsWith("//", StringComparison.Ordinal) ? path[2..] : path;
    }

    /// <summary>A serve that runs keeps the configuration that it has: one that is broken by now is no reason not to ask it.</summary>
    private static string? StateOf(string? config, ICommandOutput output, Surroundings surroundings)
    {
        var loaded = new ConfigurationSources { File = config, Variables = surroundings.Variables() }.Load();
        if (config is not null && loaded.Problems is [var first, ..])
        {
            output.Warn($"The configuration has mistakes, so that its state directory may not be known: {first}");
        }

        return loaded.Options.StatePath;
    }
}
