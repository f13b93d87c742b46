using System.CommandLine;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Cli.Running;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli;

/// <summary><c>run -- CMD</c>: starts an app that makes no call itself, with its database prepared.</summary>
internal static class RunCommand
{
    private static readonly TimeSpan UnreachableDefault = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ConfirmDefault = TimeSpan.FromSeconds(30);

    public static Command Create(CommandExecution execution)
    {
        var address = new SidecarAddress();
        var source = RemoteCommand.Source();
        var version = CommonOptions.Text("--app-version", "VERSION", "Of the app; another one than before keeps a backup first.");
        var unreachable = CommonOptions.Text("--unreachable-after", "D", $"How long a sidecar that does not answer is waited for. Default: {DurationText.Of(UnreachableDefault)}.");
        var existing = CommonOptions.PathText("--open-existing", "PATH", "Start the app without a sidecar, too, if this database is there and no restore of it was interrupted.", PathLength.Database);
        var confirm = CommonOptions.Text("--confirm-after", "D", $"A restored database is confirmed when the app has run for so long. Default: {DurationText.Of(ConfirmDefault)}.");
        var noConfirmation = new Option<bool>("--no-confirmation") { Description = "A restored database counts as confirmed at once." };
        var json = CommonOptions.Json();
        var app = new Argument<string[]>("CMD") { Description = "The program and its arguments, behind '--'.", Arity = ArgumentArity.OneOrMore };
        unreachable.Validators.Add(Rules.Duration(TimeSpan.Zero, TimeSpan.FromDays(1)));
        confirm.Validators.Add(Rules.Duration(TimeSpan.Zero, TimeSpan.FromDays(1)));
        var command = new Command("run", $"Start an app with its database prepared, pass signals on, and end as it does; {AppRun.RestartExitCode} when it is to be started again for a restore.")
        {
            source, version, unreachable, existing, confirm, noConfirmation, app,
        };
        address.AddTo(command);
        command.Add(json);
        command.Validators.Add(Rules.AtMostOne(confirm, noConfirmation));
        command.SetAction((parsed, _) => execution.RunWithoutSignalsAsync(parsed, json, async output =>
        {
            using var signals = new SignalRelay(execution.Surroundings.IsOutTerminal);
            using var sidecar = address.Connect(parsed, output, execution.Surroundings);
            var options = new AppRunOptions
            {
                Command = parsed.GetRequiredValue(app),
                Source = parsed.GetValue(source) ?? "",
                AppVersion = parsed.GetValue(version) ?? "",
                UnreachableAfter = DurationOf(parsed.GetValue(unreachable)) ?? UnreachableDefault,
                ExistingDatabase = parsed.GetValue(existing),
                ConfirmAfter = parsed.GetValue(noConfirmation) ? null : DurationOf(parsed.GetValue(confirm)) ?? ConfirmDefault,
            };
            return await new AppRun(options, sidecar, signals, output, execution.Surroundings.Time).ExecuteAsync();
        }));
        return command;
    }

    private static TimeSpan? DurationOf(string? text) => text is not null && DurationText.TryParse(text, out var duration) ? duration : null;
}
