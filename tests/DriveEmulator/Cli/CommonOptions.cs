using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;

namespace BackupSidecar.DriveEmulator.Cli;

/// <summary>Options of one kind each, whose errors name the option and what it takes.</summary>
internal static class CommonOptions
{
    /// <summary>Far above all that makes sense, and far below what would overflow.</summary>
    private const long CountMax = 1L << 50;

    public static Option<IPEndPoint> Address(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "ADDRESS:PORT",
        CustomParser = result =>
        {
            var text = Single(result);
            if (text is not null && text.Contains(':') && IPEndPoint.TryParse(text, out var address))
            {
                return address;
            }

            result.AddError($"{name}: '{text}' is no ADDRESS:PORT, such as 127.0.0.1:8080.");
            return null;
        },
    };

    public static Option<long?> Count(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            var text = Single(result);
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= CountMax)
            {
                return number;
            }

            result.AddError($"{name}: '{text}' is no number from 0 to {CountMax}.");
            return null;
        },
    };

    public static Option<T?> Choice<T>(string name, string description)
        where T : struct, Enum =>
        new(name)
        {
            Description = description,
            HelpName = "WORD",
            CustomParser = result =>
            {
                var word = Single(result) ?? "";
                if (Enum.GetNames<T>().FirstOrDefault(known => known.Equals(word, StringComparison.OrdinalIgnoreCase)) is { } found)
                {
                    return Enum.Parse<T>(found);
                }

                result.AddError($"{name}: '{word}' is none of {string.Join(", ", Enum.GetNames<T>().Select(known => char.ToLowerInvariant(known[0]) + known[1..]))}.");
                return null;
            },
        };

    private static string? Single(ArgumentResult result) => result.Tokens.Count == 1 ? result.Tokens[0].Value : null;
}
