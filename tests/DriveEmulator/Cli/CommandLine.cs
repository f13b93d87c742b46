using System.CommandLine;
using System.Net.Sockets;
using System.Text.Json;
using BackupSidecar.DriveEmulator.Control;
using BackupSidecar.DriveEmulator.Limits;
using BackupSidecar.DriveEmulator.Listing;
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
        var listen = CommonOptions.Address("--listen", "Where to listen. Port 0 takes a free one. Default: 127.0.0.1:0.");
        var anyToken = new Option<bool>("--any-token") { Description = "Take any bearer token as one of the default account." };
        var account = new Option<string>("--account") { Description = "The mail address of the default account. Default: user@example.com.", HelpName = "MAIL" };
        var sha256 = new Option<bool>("--sha256") { Description = "Show sha256Checksum." };
        var quota = CommonOptions.Count("--quota-bytes", "Storage of each account. Default: 15 GiB.");
        var units = CommonOptions.Count("--units-per-minute", "Units that a user may spend in a minute; 0: no limit. Default: 325000.");
        var shape = CommonOptions.Choice<LimitShape>("--limit-shape", "How a call over the limit is refused: forbidden (403) or tooManyRequests (429). Default: forbidden.");
        var requests = CommonOptions.Count("--requests-per-day", "Calls in a day; 0: no limit. Default: 0.");
        var upload = CommonOptions.Count("--upload-bytes-per-day", "Bytes that a user may upload in a day; 0: no limit. Default: 750 GiB.");
        var consent = CommonOptions.Choice<ConsentMode>("--consent", "What the page for the browser does: auto, page or deny. Default: auto.");
        var rotate = new Option<bool>("--rotate-refresh-tokens") { Description = "A refresh answers a new refresh token and ends the old one." };
        var days = CommonOptions.Count("--refresh-token-days", "Days that a refresh token lives, 7 for an app in testing; 0: no end. Default: 0.");
        var seconds = CommonOptions.Count("--access-token-seconds", "Seconds that an access token lives. Default: 3600.");
        var log = CommonOptions.Count("--log-requests", "Requests that the log keeps. Default: 100000.");
        var faults = new Option<string>("--faults") { Description = "A JSON file with a fault script to begin with, as POST /emulator/faults takes it.", HelpName = "FILE" };
        var listing = new Option<string>("--listing") { Description = "A JSON file that says how lists differ from the truth, as POST /emulator/listing takes it.", HelpName = "FILE" };

        var command = new RootCommand("A Google Drive on this machine, for tests and for trying a client without an account. The first line of output is its address.")
        {
            data, listen, anyToken, account, sha256, quota, units, shape, requests, upload, consent, rotate, days, seconds, log, faults, listing,
        };
        command.SetAction((parsed, ct) =>
        {
            var defaults = new EmulatorOptions { DataDirectory = parsed.GetRequiredValue(data) };
            var options = defaults with
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
                RefreshTokenLifetime = parsed.GetValue(days) is { } number and > 0 ? TimeSpan.FromDays(number) : null,
                AccessTokenLifetime = parsed.GetValue(seconds) is { } lifetime ? TimeSpan.FromSeconds(lifetime) : defaults.AccessTokenLifetime,
                RequestLogMax = (int)(parsed.GetValue(log) ?? defaults.RequestLogMax),
            };
            return RunAsync(options, parsed.GetValue(faults), parsed.GetValue(listing), ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(EmulatorOptions options, string? faultsPath, string? listingPath, CancellationToken ct)
    {
        try
        {
            var faults = faultsPath is null ? null : ControlJson.ReadFile<FaultDocument>(faultsPath);
            var listing = listingPath is null ? null : ControlJson.ReadFile<ListingBehaviour>(listingPath);
            await using var host = await EmulatorHost.StartAsync(options, faults?.Rules ?? [], faults?.Seed ?? 0, listing ?? new ListingBehaviour(), ct);
            await Console.Out.WriteLineAsync(host.BaseAddress.ToString());
            await Console.Out.FlushAsync(ct);
            await host.WaitForShutdownAsync(ct);
            return 0;
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            await Console.Error.WriteLineAsync($"drive-emulator: {faultsPath ?? listingPath}: {error.Message}");
            return NotUnderstood;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SocketException)
        {
            await Console.Error.WriteLineAsync($"drive-emulator: {error.Message}");
            return Failed;
        }
    }
}
