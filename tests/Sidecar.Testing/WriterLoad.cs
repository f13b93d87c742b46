using System.Text.Json.Nodes;

namespace BackupSidecar.Testing;

/// <summary>What an application does in the background: self-verifying transactions, and perhaps checkpoints beside them.</summary>
internal sealed record WriterLoad
{
    public int Seed { get; init; } = 1;

    /// <summary>Writing connections, each with a thread.</summary>
    public int Writers { get; init; } = 1;

    /// <summary>Of each writer; zero: as fast as it can.</summary>
    public int CommitsPerSecond { get; init; }

    /// <summary>Run on each connection of the load, such as <c>PRAGMA wal_autocheckpoint=0</c>.</summary>
    public string Pragmas { get; init; } = "";

    /// <summary>PASSIVE, FULL, RESTART or TRUNCATE; empty: only what the connections do by themselves.</summary>
    public string Checkpoint { get; init; } = "";

    public int Checkpointers { get; init; } = 1;

    public int PauseMilliseconds { get; init; } = 5;

    /// <summary>When there are more rows, half of them are deleted.</summary>
    public int ItemsMax { get; init; } = 600;

    /// <summary>Whether some commits are a VACUUM.</summary>
    public bool Vacuum { get; init; }

    /// <summary>Whether each commit has a connection of its own, so that the application comes and goes all the time.</summary>
    public bool Reopen { get; init; }

    /// <summary>Whether the journal mode turns to WAL and back now and then.</summary>
    public bool TurnJournalMode { get; init; }

    public (string Name, JsonNode Value)[] Parameters(string path) =>
    [
        ("path", path),
        ("seed", Seed),
        ("writers", Writers),
        ("commitsPerSecond", CommitsPerSecond),
        ("pragmas", Pragmas),
        ("checkpoint", Checkpoint),
        ("checkpointers", Checkpoint.Length > 0 ? Checkpointers : 0),
        ("pauseMilliseconds", PauseMilliseconds),
        ("itemsMax", ItemsMax),
        ("vacuum", Vacuum),
        ("reopen", Reopen),
        ("turnJournalMode", TurnJournalMode),
    ];
}
