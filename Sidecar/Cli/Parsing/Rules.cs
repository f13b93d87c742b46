using System.CommandLine;
using System.CommandLine.Parsing;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli.Parsing;

/// <summary>What values may be. Each rule adds one error of one line.</summary>
internal static class Rules
{
    public static void NotEmpty(OptionResult result)
    {
        if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
        {
            result.AddError($"{result.Option.Name} is empty.");
        }
        else if (result.Tokens.FirstOrDefault(token => token.Value.Contains('\0', StringComparison.Ordinal)) is not null)
        {
            result.AddError($"{result.Option.Name} holds a character that no name has.");
        }
    }

    public static Action<OptionResult> OneOf(string[] allowed) => result =>
    {
        if (result.Tokens is [{ Value: var value }] && !allowed.Contains(value, StringComparer.Ordinal))
        {
            var suggestion = Suggestion.For(value, allowed) is { } near ? $" Did you mean '{near}'?" : "";
            result.AddError($"{result.Option.Name} is '{value}'; it can be {string.Join(", ", allowed[..^1])} or {allowed[^1]}.{suggestion}");
        }
    };

    /// <summary>A rule of the engine, asked before anything is done.</summary>
    public static Action<OptionResult> Valid(Action<string> validate) => result =>
    {
        foreach (var token in result.Tokens)
        {
            try
            {
                validate(token.Value);
            }
            catch (OperatorException e)
            {
                result.AddError($"{result.Option.Name}: {e.Message} {e.Hint}");
            }
        }
    };

    /// <summary>Options that exclude each other.</summary>
    public static Action<CommandResult> AtMostOne(params Option[] options) => result =>
    {
        if (options.Where(option => result.GetResult(option) is { Implicit: false }).ToList() is [var first, var second, ..])
        {
            result.AddError($"{first.Name} and {second.Name} exclude each other: give one of {string.Join(", ", options.Select(option => option.Name))}.");
        }
    };

    /// <summary>An option that means nothing without another one.</summary>
    public static Action<CommandResult> GoesWith(Option option, Option other) => result =>
    {
        if (result.GetResult(option) is { Implicit: false } && result.GetResult(other) is null or { Implicit: true })
        {
            result.AddError($"{option.Name} goes with {other.Name} only.");
        }
    };

    /// <summary>Either these options, of which some are needed, or another one that takes the place of all of them.</summary>
    public static Action<CommandResult> Or(Option other, IReadOnlyList<Option> required, IReadOnlyList<Option> optional) => result =>
    {
        var hasOther = result.GetResult(other) is { Implicit: false };
        if (hasOther && required.Concat(optional).FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } excluded)
        {
            result.AddError($"{excluded.Name} and {other.Name} exclude each other: what is asked of a running serve is done as that is configured.");
        }
        else if (!hasOther && required.FirstOrDefault(option => result.GetResult(option) is null or { Implicit: true }) is { } missing)
        {
            result.AddError($"Option '{missing.Name}' is required, or {other.Name} for a running serve.");
        }
    };

    /// <param name="min">Null: anything above zero.</param>
    /// <param name="max">The largest that is allowed.</param>
    public static Action<OptionResult> Duration(TimeSpan? min, TimeSpan max) => result =>
    {
        if (result.Tokens is [{ Value: var value }] && !(DurationText.TryParse(value, out var duration) && (min is { } least ? duration >= least : duration > TimeSpan.Zero) && duration <= max))
        {
            result.AddError($"{result.Option.Name} is '{value}'; it can be {(min is { } from ? $"{DurationText.Of(from)} to" : "up to")} {DurationText.Of(max)}, written as {DurationText.Example}.");
        }
    };

    public static void Moment(OptionResult result)
    {
        if (result.Tokens is [{ Value: var value }] && !TimeText.TryParse(value, DateTimeOffset.MaxValue, out _))
        {
            result.AddError($"{result.Option.Name} '{value}' is not a time: give {TimeText.Allowed}.");
        }
    }
}
