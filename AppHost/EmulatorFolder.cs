using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace BackupSidecar.AppHost;

/// <summary>The id of a folder in the Drive emulator, which is made where there is none of its name: what a person does once with 'backup-sidecar repository add --drive'.</summary>
/// <param name="emulator">Asked when the value is needed first.</param>
/// <param name="name">Of the folder.</param>
internal sealed class EmulatorFolder(EndpointReference emulator, string name) : IValueProvider, IManifestExpressionProvider
{
    private const string FolderType = "application/vnd.google-apps.folder";

    private string? _id;

    public string ValueExpression => throw new InvalidOperationException("The Drive emulator is not published.");

    /// <remarks>The sidecar starts when the repository was made in the folder, so that nobody asks while another one does.</remarks>
    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => _id ??= await FindOrMakeAsync(cancellationToken);

    private async Task<string> FindOrMakeAsync(CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = new Uri(emulator.Url) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "any-token");
        var query = Uri.EscapeDataString($"name = '{name}' and mimeType = '{FolderType}' and trashed = false");
        var found = await http.GetFromJsonAsync<JsonObject>($"/drive/v3/files?q={query}", ct);
        if (found?["files"] is JsonArray and [{ } file, ..])
        {
            return IdOf(file);
        }

        using var made = await http.PostAsJsonAsync("/drive/v3/files", new { name, mimeType = FolderType }, ct);
        _ = made.EnsureSuccessStatusCode();
        return IdOf(await made.Content.ReadFromJsonAsync<JsonObject>(ct));
    }

    private static string IdOf(JsonNode? file) => file?["id"]?.GetValue<string>() ?? throw new InvalidOperationException("The Drive emulator answered without the id of a folder.");
}
