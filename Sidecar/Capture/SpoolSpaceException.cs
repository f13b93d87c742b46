using BackupSidecar.Primitives;

namespace BackupSidecar.Capture;

/// <summary>There is no room to copy a database before it is packed. Nothing was changed; reading it under one read mark needs no such room.</summary>
internal sealed class SpoolSpaceException(string directory, long neededBytes, long freeBytes)
    : OperatorException(
        FailureKind.Failed,
        $"{directory} has {freeBytes} bytes free, and copying the database in short read transactions takes up to {neededBytes} there, its pack included.",
        "Give the state directory (--state) more room, or let the database be read in one read transaction: meanwhile a TRUNCATE, RESTART or FULL checkpoint of the app waits.");
