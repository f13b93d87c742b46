using System.CommandLine;
using System.Net;
using BackupSidecar.DriveEmulator.Limits;
using BackupSidecar.DriveEmulator.OAuth;

namespace BackupSidecar.DriveEmulator.Cli;

/// <summary>The program: its options, and the exit codes 0 (ended as asked), 1 (could not run) and 2 (cannot be understood).</summary>
internal static class CommandLine
{
    private const int Failed = 1;
    private const int NotUnderstood = 2;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var parsed = Create().Parse(arguments);
        if (parsed.Errors.Count == 0)
        {
            return await parsed.InvokeAsync();
        }

        foreach (var error in parsed.Errors)
        {
            await Console.Error.WriteLineAsync($"drive-emulator: {error.Message}");
        }

        await Console.Error.WriteLineAsync("Try: drive-emulator --help");
        return NotUnderstood;
    }

    private static RootCommand Create()
    {
        var data = new Option<string>("--data") { Description = "Where everything is kept; created if it is absent.", HelpName = "DIR", Required = true };
        var listen = new Option<IPEndPoint>("--listen")
        {
            Description = "Where to listen. Port 0 takes a free one. Default: 127.0.0.1:0.",
            HelpName = "ADDRESS:PORT",
            CustomParser = result =>
            {
                if (IPEndPoint.TryParse(result.Tokens[0].Value, out var address) && result.Tokens[0].Value.Contains(':'))
                {
                    return address;
                }

                result.AddError($"--listen: '{result.Tokens[0].Value}' is no ADDRESS:PORT, such as 127.0.0.1:8080.");
                return null;
            },
        };
        var anyToken = new Option<bool>("--any-token") { Description = "Take any bearer token as one of the default account." };
        var account = new Option<string>("--account") { Description = "The mail address of the default account. Default: user@example.com.", HelpName = "MAIL" };
        var sha256 = new Option<bool>("--sha256") { Description = "Show sha256Checksum." };
        var quota = Count("--quota-bytes", "Storage of each account. Default: 15 GiB.");
        var units = Count("--units-per-minute", "Units that a user may spend in a minute; 0: no limit. Default: 325000.");
        var shape = Choice<LimitShape>("--limit-shape", "How a call over the limit is refused: forbidden (403) or tooManyRequests (429). Default: forbidden.");
        var requests = Count("--requests-per-day", "Calls in a day; 0: no limit. Default: 0.");
        var upload = Count("--upload-bytes-per-day", "Bytes that a user may upload in a day; 0: no limit. Default: 750 GiB.");
        var consent = Choice<ConsentMode>("--consent", "What the page for the browser does: auto, page or deny. Default: auto.");
        var rotate = new Option<bool>("--rotate-refresh-tokens") { Description = "A refresh answers a new refresh token and ends the old one." };
        var lifetime = Count("--refresh-token-days", "Days that a refresh token lives: 7 for an app in testing. Default: no end.");

        var command = new RootCommand("A Google Drive on this machine, for tests and for trying a client without an account. The first line of output is its address.")
        {
            data, listen, anyToken, account, sha256, quota, units, shape, requests, upload, consent, rotate, lifetime,
        };
        command.SetAction((parsed, ct) =>
        {
            var defaults = new EmulatorOptions { DataDirectory = parsed.GetRequiredValue(data) };
            return RunAsync(
                defaults with
                {
                    Listen = parsed.GetValue(listen) ?? defaults.Listen,
                    AnyToken = parsed.GetValue(anyToken),
                    Account = parsed.GetValue(account) ?? defaults.Account,
                    Sha256 = parsed.GetValue(sha256),
                    QuotaBytes = parsed.GetValue(quota) ?? defaults.QuotaBytes,
                    UnitsPerMinute = parsed.GetValue(units) ?? defaults.UnitsPerMinute,
                    LimitShape = parsed.GetValue(shape) ?? defaults.LimitShape,
                    RequestsPerDay = parsed.GetValue(requests) ?? defaults.RequestsPerDay,
                    UploadBytesPerDay = parsed.GetValue(upload) ?? defaults.UploadBytesPerDay,
                    Consent = parsed.GetValue(consent) ?? defaults.Consent,
                    RotateRefreshTokens = parsed.GetValue(rotate),
                    RefreshTokenLifetime = parsed.GetValue(lifetime) is { } days and > 0 ? TimeSpan.FromDays(days) : null,
                },
                ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(EmulatorOptions options, CancellationToken ct)
    {
        try
        {
            await using var host = await EmulatorHost.StartAsync(options, ct);
            await Console.Out.WriteLineAsync(host.BaseAddress.ToString());
            await Console.Out.FlushAsync(ct);
            await host.WaitForShutdownAsync(ct);
            return 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException)
        {
            await Console.Error.WriteLineAsync($"drive-emulator: {error.Message}");
            return Failed;
        }
    }

    private static Option<long?> Count(string name, string description)
    {
        var option = new Option<long?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (!long.TryParse(result.Tokens[0].Value, out var number) || number < 0)
            {
                result.AddError($"{name}: '{result.Tokens[0].Value}' is no number of 0 or more.");
            }
        });
        return option;
    }

    private static Option<T?> Choice<T>(string name, string description)
        where T : struct, Enum =>
        new(name)
        {
            Description = description,
            HelpName = "WORD",
            CustomParser = result =>
            {
                var word = result.Tokens[0].Value;
                if (Enum.TryParse<T>(word, ignoreCase: true, out var value) && Enum.IsDefined(value) && !char.IsAsciiDigit(word[0]))
                {
                    return value;
                }

                result.AddError($"{name}: '{word}' is none of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.");
                return null;
            },
        };
}
