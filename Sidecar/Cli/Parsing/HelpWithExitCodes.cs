using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace BackupSidecar.Cli.Parsing;

/// <summary>The library's help, and the exit codes below it.</summary>
internal sealed class HelpWithExitCodes(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        _ = help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Exit codes:");
        foreach (var (code, meaning) in ExitCode.Table)
        {
            output.WriteLine($"  {code,3}  {meaning}");
        }

        return ExitCode.Ok;
    }
}
