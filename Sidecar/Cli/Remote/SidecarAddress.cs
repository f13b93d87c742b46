using System.CommandLine;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Service;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli.Remote;

/// <summary>Which running serve a command means: by its socket, by its state directory, or by its configuration.</summary>
internal sealed class SidecarAddress
{
    private const string UnixScheme = "unix:";
    private const string TokenVariable = "BACKUPSIDECAR_TOKEN_FILE";

    private readonly Option<string> _sidecar = Checked(CommonOptions.Text("--sidecar", "ADDRESS", $"A running serve: unix:PATH of its socket, or http://127.0.0.1:PORT with its token file in the variable {TokenVariable}. Default: the socket for operators in the state directory."));
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
    public static Option<string> Option() => Checked(CommonOptions.Text("--sidecar", "ADDRESS", $"In place of all options for a repository: the socket of a running serve, unix:PATH, which then does it; or its http://127.0.0.1:PORT, with the variable {TokenVariable}."));

    /// <summary>Connects to the address that <see cref="Option"/> names.</summary>
    /// <exception cref="OperatorException">The token is missing or cannot be read.</exception>
    public static RemoteSidecar Connect(string address, Surroundings surroundings)
    {
        if (address.StartsWith(UnixScheme, StringComparison.Ordinal))
        {
            return new RemoteSidecar(Path.GetFullPath(PathOf(address)));
        }

        var file = surroundings.Variable(TokenVariable) is { Length: > 0 } path ? path : throw new OperatorException(
            FailureKind.Failed, $"The address {address} needs a token.", $"Set the variable {TokenVariable} to the path of the token file that serve is configured with (service.tokenFile).");
        return new RemoteSidecar(new Uri(address), AccessToken.ReadText(file));
    }

    /// <exception cref="OperatorException">The path is too long for a socket, or the token cannot be read.</exception>
    public RemoteSidecar Connect(ParseResult parsed, ICommandOutput output, Surroundings surroundings)
    {
        if (parsed.GetValue(_sidecar) is { } address)
        {
            return Connect(address, surroundings);
        }

        var (state, doubt) = parsed.GetValue(_state) is { } given ? (given, null) : StateOf(parsed.GetValue(_config), output, surroundings);
        return new RemoteSidecar(SocketPath.ForOperators(RepositoryLocation.StateDirectory(state, surroundings.Variable)), doubt);
    }

    private static Option<string> Checked(Option<string> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !IsAddress(token.Value))
            {
                result.AddError($"'{token.Value}' is no address: allowed is unix:PATH with the path of a socket, such as unix:/run/backup-sidecar/app.sock, or http://127.0.0.1:PORT.");
            }
        });
        return option;
    }

    /// <summary>A token goes to no other machine: there is no TLS yet.</summary>
    private static bool IsAddress(string text) => text.StartsWith(UnixScheme, StringComparison.Ordinal)
        ? PathOf(text).Length > 0
        : Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "http", IsLoopback: true, PathAndQuery: "/" };

    /// <summary>unix:PATH and unix:///PATH are the same, as for every gRPC client.</summary>
    private static string PathOf(string address)
    {
        var path = address[UnixScheme.Length..];
        return path.StartsWith("//", StringComparison.Ordinal) ? path[2..] : path;
    }

    /// <summary>A serve that runs keeps the configuration that it has: one that is broken by now is no reason not to ask it.</summary>
    private static (string? State, string? Doubt) StateOf(string? config, ICommandOutput output, Surroundings surroundings)
    {
        var loaded = new ConfigurationSources { File = config, Variables = surroundings.Variables() }.Load();
        if (config is not null && loaded.Problems is [var first, ..])
        {
            output.Warn($"The configuration has mistakes, so that its state directory may not be known: {first}");
        }

        // Then the default was asked, which serve need not use.
        return (loaded.Options.StatePath, loaded.Problems.Count > 0 && loaded.Options.StatePath is null
            ? "The configuration could not be read, so that this is the default and need not be the socket of the serve that is meant: name its state directory with --state, or its socket with --sidecar."
            : null);
    }
}
