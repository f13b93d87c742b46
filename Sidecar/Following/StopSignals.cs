namespace BackupSidecar.Following;

/// <summary>The three moments at the end of following, each not before the one above it.</summary>
/// <param name="Requested">The end is asked for: go on capturing until nobody is attached any more, then make the final capture and return.</param>
/// <param name="LastCapture">Make the final capture now, whoever is attached, and return.</param>
/// <param name="Abandoned">Nobody waits any longer: throw. What is not published is swept by the next writer.</param>
internal sealed record StopSignals(CancellationToken Requested, CancellationToken LastCapture, CancellationToken Abandoned);
