using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using BackupSidecar.Contracts.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace BackupSidecar.AspireHosting.Commands;

/// <summary>Prepares a restore while the app runs. The app is told by its client, ends, and takes part at its next start.</summary>
internal static class StageRestore
{
    private const int PointsMax = 50;

    /// <summary>The database where there are several, and the state that is wanted.</summary>
    public static IReadOnlyList<InteractionInput> Inputs(SidecarLayout layout) =>
    [
        new InteractionInput
        {
            Name = SidecarNames.SourceInput,
            Label = "Database",
            InputType = InputType.Choice,
            Required = false,
            Placeholder = "Empty: the first one",
            DynamicLoading = new InputLoadOptions
            {
                AlwaysLoadOnStart = true,
                LoadCallback = context =>
                {
                    context.Input.Options = [.. layout.Databases.Select(database => KeyValuePair.Create(database.Name, database.Name))];
                    context.Input.Value ??= layout.Databases[0].Name;
                    return Task.CompletedTask;
                },
            },
        },
        new InteractionInput
        {
            Name = SidecarNames.PointInput,
            Label = "State",
            Description = "A restore point of the list, or a time such as 2026-03-01T12:00:00Z: then the newest state before it.",
            InputType = InputType.Choice,
            Required = true,
            AllowCustomChoice = true,
            DynamicLoading = new InputLoadOptions
            {
                AlwaysLoadOnStart = true,
                DependsOnInputs = [SidecarNames.SourceInput],
                LoadCallback = context => LoadPointsAsync(layout, context),
            },
        },
    ];

    public static async Task<ExecuteCommandResult> RunAsync(OperatorCalls calls, SidecarLayout layout, ExecuteCommandContext context)
    {
        var source = SourceOf(layout, context.Arguments);
        var point = context.Arguments.TryGetByName(SidecarNames.PointInput, out var given) ? given.Value ?? "" : "";
        var restores = new RestoreService.RestoreServiceClient(calls.Invoker);
        var request = new StageRestoreRequest { Source = source, Selector = SelectorOf(point) };
        var restore = (await OperatorCalls.LastAsync(restores.StageRestore(request, cancellationToken: context.CancellationToken), context.CancellationToken)).Restore;
        return restore.State is RestoreState.Failed or RestoreState.Cancelled
            ? CommandResults.Failure($"The restore of {source} {(restore.State == RestoreState.Failed ? "failed" : "was cancelled")}: {restore.Reason}.")
            : CommandResults.Success($"Restore {restore.RestoreId} of {source} to position {restore.Point.Position.Number} is staged. {Next(layout, context)}");
    }

    /// <summary>A time in ISO 8601; anything else is a position, as the list gives it.</summary>
    internal static RestoreSelector SelectorOf(string point) =>
        point.Contains(':', StringComparison.Ordinal) && DateTimeOffset.TryParse(point, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? new RestoreSelector { Time = time.ToTimestamp() }
            : new RestoreSelector { Position = point };

    private static string SourceOf(SidecarLayout layout, InteractionInputCollection inputs) =>
        inputs.TryGetByName(SidecarNames.SourceInput, out var source) && source.Value is { Length: > 0 } chosen ? chosen : layout.Databases[0].Name;

    private static string Next(SidecarLayout layout, ExecuteCommandContext context)
    {
        var apps = context.Services.GetRequiredService<DistributedApplicationModel>().Resources
            .Where(app => app.Annotations.OfType<RestartOnRestore>().Any(restart => SidecarLayout.Of(restart.Sidecar) == layout))
            .Select(app => $"'{app.Name}'")
            .ToList();
        return apps.Count == 0
            ? "It is put in place when the app starts again."
            : $"It is put in place when {string.Join(", ", apps)} starts again, which happens by itself where the app uses the client.";
    }

    private static async Task LoadPointsAsync(SidecarLayout layout, LoadInputContext context)
    {
        if (layout.OperatorSocket is not { } socket)
        {
            return;
        }

        using var calls = new OperatorCalls(socket);
        var restores = new RestoreService.RestoreServiceClient(calls.Invoker);
        var answer = await restores.ListRestorePointsAsync(new ListRestorePointsRequest { Source = SourceOf(layout, context.AllInputs), PageSize = PointsMax }, new CallOptions(cancellationToken: context.CancellationToken));
        context.Input.Options = OptionsOf(answer.Points);
    }

    /// <summary>One for each position: a backup stands in the list beside the capture that it keeps, and a list with one value twice breaks the dashboard.</summary>
    internal static IReadOnlyList<KeyValuePair<string, string>> OptionsOf(IEnumerable<RestorePoint> points) =>
    [
        .. points.Where(point => point.Restorable)
            .GroupBy(point => $"{point.Position.Number}@{point.Position.Timeline}", StringComparer.Ordinal)
            .Select(same => KeyValuePair.Create(same.Key, LabelOf(same.First(), isBackup: same.Any(point => point.BackupId.Length > 0)))),
    ];

    private static string LabelOf(RestorePoint point, bool isBackup) =>
        $"{point.Time.ToDateTimeOffset().ToLocalTime():yyyy-MM-dd HH:mm:ss}, position {point.Position.Number}{(isBackup ? ", a backup" : "")}";
}
