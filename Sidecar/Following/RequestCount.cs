namespace BackupSidecar.Following;

/// <summary>Requests of one kind that ended in one way.</summary>
/// <param name="Kind">"get", "list", "download" or "write".</param>
/// <param name="Result">"ok", "limited" (fewer requests were asked for), "refused" (any other answer of 400 to 499, also to the question whether something is there) or "failed" (an error of the other side, or no answer).</param>
/// <param name="Count">Since serve started.</param>
internal sealed record RequestCount(string Kind, string Result, long Count);
