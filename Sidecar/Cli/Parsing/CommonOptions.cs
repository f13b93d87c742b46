using System.CommandLine;

namespace BackupSidecar.Cli.Parsing;

/// <summary>Options that several commands share, each made anew: an option belongs to one command.</summary>
internal static class CommonOptions
{
    public static Option<string> Database(bool isRequired = true) =>
        PathText("--database", "PATH", "The SQLite database; an application may be writing to it.", PathLength.Database, isRequired);

    public static Option<string> Repository(bool isRequired = true) => PathText("--repository", "DIR", "The directory of the repository.", PathLength.Directory, isRequired);

    public static Option<string> Config() => Text("--config", "FILE", "The configuration file: JSON with comments. Variables BACKUPSIDECAR__SECTION__KEY lie over it.");

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object per line; the last one is the summary or the error." };

    /// <summary>An option with one value that is not empty.</summary>
    public static Option<string> Text(string name, string valueName, string description, bool isRequired = false)
    {
        var option = new Option<string>(name) { Description = description, HelpName = valueName, Required = isRequired, Arity = ArgumentArity.ExactlyOne };
        option.Validators.Add(Rules.NotEmpty);
        return option;
    }

    /// <summary>As <see cref="Text"/>, of a path that can exist.</summary>
    public static Option<string> PathText(string name, string valueName, string description, PathLength length, bool isRequired = false)
    {
        var option = Text(name, valueName, description, isRequired);
        option.Validators.Add(length.Check);
        return option;
    }

    /// <summary>An option whose value is one of a few words.</summary>
    public static Option<string> Choice(string name, string description, string defaultValue, params string[] allowed)
    {
        var option = new Option<string>(name)
        {
            Description = $"{description} Default: {defaultValue}.",
            HelpName = string.Join('|', allowed),
            Arity = ArgumentArity.ExactlyOne,
        };
        option.Validators.Add(Rules.OneOf(allowed));
        option.CompletionSources.Add(_ => allowed);
        return option;
    }
}
