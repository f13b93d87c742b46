using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using BackupSidecar.AspireHosting;

namespace BackupSidecar.AppHost;

/// <summary>The folder that 'backup-sidecar repository add' makes in the Drive emulator: a person notes its id from the output, once.</summary>
/// <param name="emulator">Asked whenever the value is needed.</param>
/// <param name="name">Of the folder.</param>
internal sealed class EmulatorFolder(EndpointReference emulator, string name) : IValueProvider, IManifestExpressionProvider
{
    public string ValueExpression => throw new InvalidOperationException("The Drive emulator is not published.");

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        await FindAsync(cancellationToken) ?? throw new InvalidOperationException($"The Drive emulator has no folder '{name}': the log of 'drive-repository' says why it was not made.");

    /// <summary>The options of 'repository add' that make the folder, or find the one that is there.</summary>
    public async Task<string[]> OptionsAsync(CancellationToken ct) => await FindAsync(ct) is { } id ? [SidecarNames.FolderOption, id] : [SidecarNames.NewFolderOption, name];

    private async Task<string?> FindAsync(CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = new Uri(emulator.Url) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "any-token");
        var query = Uri.EscapeDataString($"name = '{name}' and trashed = false");
        var found = await http.GetFromJsonAsync<JsonObject>($"/drive/v3/files?q={query}", ct);
        return found?["files"] is JsonArray and [{ } file, ..] ? file["id"]?.GetValue<string>() : null;
    }
}
