using System.Text;
using System.Text.Json.Nodes;

namespace BackupSidecar.DriveEmulator.Http;

/// <summary>The JSON of a refused call.</summary>
internal static class ErrorBody
{
    public static JsonObject Of(DriveException error) => error.Shape == BodyShape.Modern ? Modern(error) : Legacy(error);

    private static JsonObject Legacy(DriveException error)
    {
        var detail = new JsonObject { ["message"] = error.Message, ["domain"] = error.Domain, ["reason"] = error.Reason };
        if (error.Parameter is { } parameter)
        {
            detail["location"] = parameter;
            detail["locationType"] = char.IsUpper(parameter[0]) ? "header" : "parameter";
        }

        return new JsonObject { ["error"] = new JsonObject { ["code"] = error.Status, ["message"] = error.Message, ["errors"] = new JsonArray(detail) } };
    }

    private static JsonObject Modern(DriveException error) => new()
    {
        ["error"] = new JsonObject
        {
            ["code"] = error.Status,
            ["message"] = error.Message,
            ["status"] = StatusName(error.Status),
            ["details"] = new JsonArray(new JsonObject
            {
                ["@type"] = "type.googleapis.com/google.rpc.ErrorInfo",
                ["reason"] = ConstantName(error.Reason),
                ["domain"] = "googleapis.com",
                ["metadata"] = new JsonObject { ["service"] = "drive.googleapis.com" },
            }),
        },
    };

    /// <summary>The names of google.rpc.Code that belong to an HTTP status.</summary>
    private static string StatusName(int status) => status switch
    {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ALREADY_EXISTS",
        416 => "OUT_OF_RANGE",
        429 => "RESOURCE_EXHAUSTED",
        500 => "INTERNAL",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        _ => "UNKNOWN",
    };

    /// <summary>rateLimitExceeded → RATE_LIMIT_EXCEEDED.</summary>
    private static string ConstantName(string reason)
    {
        var name = new StringBuilder();
        foreach (var letter in reason)
        {
            if (char.IsUpper(letter))
            {
                name.Append('_');
            }

            name.Append(char.ToUpperInvariant(letter));
        }

        return name.ToString();
    }
}
