namespace BackupSidecar.DriveEmulator.Http;

/// <summary>One call that the emulator answers: where, what it is called in logs and fault rules, what it costs.</summary>
/// <param name="Kind">Such as <c>files.get</c>.</param>
/// <param name="Path">With at most one part in braces, which stands for any text without a slash.</param>
/// <param name="Applies">A further condition on the query, where one path has several calls.</param>
internal sealed record CallRoute(string Kind, string Method, string Path, int Units, bool NeedsToken, Func<Call, CancellationToken, Task> Handle, Func<HttpRequest, bool>? Applies = null)
{
    private readonly string[] _parts = Path.Split('/');

    /// <summary>Not part of Drive: no token, no fault, no log.</summary>
    public bool IsControl => Kind.StartsWith("emulator.", StringComparison.Ordinal);

    /// <param name="argument">The text in place of the braces; empty where there are none.</param>
    public bool Fits(HttpRequest request, string[] parts, out string argument)
    {
        argument = "";
        if (!HttpMethods.Equals(request.Method, Method) || parts.Length != _parts.Length || Applies?.Invoke(request) == false)
        {
            return false;
        }

        for (var index = 0; index < parts.Length; index++)
        {
            if (_parts[index].StartsWith('{') && parts[index].Length > 0)
            {
                argument = Uri.UnescapeDataString(parts[index]);
            }
            else if (_parts[index] != parts[index])
            {
                return false;
            }
        }

        return true;
    }
}
