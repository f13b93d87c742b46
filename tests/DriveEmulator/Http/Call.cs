using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.Accounts;

namespace BackupSidecar.DriveEmulator.Http;

/// <summary>One request while it is answered.</summary>
internal sealed class Call(HttpContext http, CallRoute route, string argument, Call? outer)
{
    private Caller? _caller;

    public HttpContext Http { get; } = http;

    public CallRoute Route { get; } = route;

    /// <summary>What the path holds in its braces: mostly the id of a file.</summary>
    public string Argument { get; } = argument;

    /// <summary>The batch that holds it, or null.</summary>
    public Call? Outer { get; } = outer;

    public HttpRequest Request => Http.Request;

    public HttpResponse Response => Http.Response;

    /// <summary>Who calls; known once the token has been read, and never for calls without a token.</summary>
    public Caller Caller
    {
        get => _caller ?? throw new InvalidOperationException($"{Route.Kind} has no caller.");
        set => _caller = value;
    }

    public Caller? CallerIfKnown => _caller;

    /// <summary>Bytes of an upload that are stored at most, by a fault; null: all.</summary>
    public long? PersistMax { get; set; }

    /// <summary>The upload session that it names is forgotten, by a fault, and this is the answer; null: it is not.</summary>
    public int? GoneSessionStatus { get; set; }

    /// <summary>What a fault did to it, for the log.</summary>
    public string? FaultText { get; set; }

    /// <summary>Its connection is to be cut, once the log has it.</summary>
    public bool IsCut { get; set; }

    /// <summary>The log has its end.</summary>
    public bool IsLogged { get; set; }

    /// <summary>Units that it has cost.</summary>
    public int Units { get; set; }

    public bool SupportsAllDrives => Flag("supportsAllDrives") || Flag("supportsTeamDrives");

    /// <summary>A parameter of the query; null if it is absent or empty.</summary>
    public string? Parameter(string name) => Request.Query[name].ToString() is { Length: > 0 } text ? text : null;

    public bool Flag(string name) => bool.TryParse(Parameter(name), out var flag) && flag;

    /// <exception cref="DriveException">400: no number, or out of range.</exception>
    public int Number(string name, int absent, int min, int max) =>
        Parameter(name) is not { } text ? absent
        : int.TryParse(text, out var number) && number >= min && number <= max ? number
        : throw new DriveException(400, "invalidParameter", $"Invalid value '{text}'. Values must be within the range: [{min}, {max}]") { Parameter = name };

    /// <summary>The members that the caller wants.</summary>
    public FieldsSelection Fields(string absent) => FieldsSelection.Parse(Parameter("fields") ?? absent);

    public Task AnswerAsync(JsonObject json, CancellationToken ct, int status = 200) => JsonAnswer.WriteAsync(Response, status, json, ct);

    public void AnswerNothing(int status)
    {
        Response.StatusCode = status;
        Response.ContentLength = status == 204 ? null : 0;
    }

    /// <summary>Cuts the connection, with everything that is on its way; that of a batch when the batch ends.</summary>
    public void AbortIfCut()
    {
        if (!IsCut)
        {
            return;
        }

        if (Outer is null)
        {
            Http.Abort();
        }
        else
        {
            Outer.IsCut = true;
        }
    }
}
