using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BackupSidecar.Hosting.Configuration;

/// <summary>A configuration that was read: with problems it is only good to be talked about.</summary>
/// <param name="Options">Not to be used if there are problems.</param>
/// <param name="Problems">In the order of their finding.</param>
/// <param name="Described">Every key there is.</param>
/// <param name="Effective">Given values and defaults; secrets are hidden.</param>
/// <param name="Stamp">Of the file before it was read: what is changed while it is read looks changed afterwards.</param>
internal sealed record LoadedConfiguration(
    SidecarOptions Options, IReadOnlyList<ConfigurationProblem> Problems, IReadOnlyList<OptionDescription> Described, JsonObject Effective, FileStamp Stamp)
{
    public string EffectiveText()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            Effective.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
