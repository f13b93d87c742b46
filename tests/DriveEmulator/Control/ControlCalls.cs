using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.Faults;
using BackupSidecar.DriveEmulator.Files;
using BackupSidecar.DriveEmulator.Http;
using BackupSidecar.DriveEmulator.Listing;

namespace BackupSidecar.DriveEmulator.Control;

/// <summary>The emulator's own calls on its clock, its faults, its lists and its log. They need no token and meet no fault.</summary>
internal sealed class ControlCalls(EmulatorClock clock, FaultScript faults, ListedFiles listed, RequestLog log)
{
    public IEnumerable<CallRoute> Routes() =>
    [
        Of("clock", "GET", ShowClockAsync),
        Of("clock", "POST", MoveClockAsync),
        Of("faults", "GET", ShowFaultsAsync),
        Of("faults", "POST", SetFaultsAsync),
        Of("faults", "DELETE", (call, _) => Do(call, faults.Clear)),
        Of("listing", "GET", (call, ct) => ControlJson.AnswerAsync(call, listed.Behaviour, ct)),
        Of("listing", "POST", SetListingAsync),
        Of("listing", "DELETE", (call, _) => Do(call, () => listed.Behaviour = new ListingBehaviour())),
        Of("requests", "GET", ShowRequestsAsync),
        Of("requests", "DELETE", (call, _) => Do(call, log.Clear)),
        Of("counters", "GET", (call, ct) => ControlJson.AnswerAsync(call, log.Counters(), ct)),
    ];

    public static CallRoute Of(string name, string method, Func<Call, CancellationToken, Task> handle) =>
        new($"emulator.{name}", method, $"/emulator/{name}", Units: 0, NeedsToken: false, handle);

    private Task ShowClockAsync(Call call, CancellationToken ct) =>
        call.AnswerAsync(new JsonObject { ["time"] = FileResource.Time(clock.GetUtcNow()), ["offsetSeconds"] = clock.Offset.TotalSeconds }, ct);

    private async Task MoveClockAsync(Call call, CancellationToken ct)
    {
        var move = await ControlJson.ReadAsync<ClockDocument>(call, ct);
        switch (move)
        {
            case { AdvanceSeconds: { } seconds, Set: null } when Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds / 100:
                clock.Advance(TimeSpan.FromSeconds(seconds));
                break;
            case { AdvanceSeconds: null, Set: { } time }:
                clock.Set(time);
                break;
            default:
                throw DriveException.Invalid("body", "A move of the clock has either advanceSeconds or set.");
        }

        await ShowClockAsync(call, ct);
    }

    private Task ShowFaultsAsync(Call call, CancellationToken ct) =>
        call.AnswerAsync(new JsonObject { ["rules"] = new JsonArray([.. faults.Rules.Select(rule => new JsonObject { ["rule"] = ControlJson.ToNode(rule.Rule), ["hits"] = rule.Hits })]) }, ct);

    private async Task SetFaultsAsync(Call call, CancellationToken ct)
    {
        var document = await ControlJson.ReadAsync<FaultDocument>(call, ct);
        Try(() => faults.Set(document.Rules, document.Seed));
        await ShowFaultsAsync(call, ct);
    }

    private async Task SetListingAsync(Call call, CancellationToken ct)
    {
        var behaviour = await ControlJson.ReadAsync<ListingBehaviour>(call, ct);
        Try(() => listed.Behaviour = behaviour);
        await ControlJson.AnswerAsync(call, behaviour, ct);
    }

    private Task ShowRequestsAsync(Call call, CancellationToken ct)
    {
        var after = call.Number("after", absent: 0, min: 0, max: int.MaxValue);
        return call.AnswerAsync(new JsonObject { ["requests"] = ControlJson.ToNode(log.Entries().SkipWhile(entry => entry.Number <= after)) }, ct);
    }

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (ArgumentException error)
        {
            throw DriveException.Invalid("body", error.Message);
        }
    }

    private static Task Do(Call call, Action action)
    {
        action();
        call.AnswerNothing(204);
        return Task.CompletedTask;
    }
}
