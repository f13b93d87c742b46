namespace BackupSidecar.Benchmarks;

/// <param name="Pairs">With and without serve, in turns; also the captures and restarts of the other figures.</param>
/// <param name="HalfSeconds">How long each half of a pair writes.</param>
/// <param name="IdleSeconds">How long an idle serve is watched.</param>
/// <param name="Databases">Of the second figure of idle memory.</param>
/// <param name="Minutes">Of mixed load.</param>
/// <param name="Binary">The published program, or null to publish it first.</param>
/// <param name="LargeMegabytes">A second size for the capture of 600 pages, or 0.</param>
internal sealed record ContinuousOptions(
    int SizeMegabytes,
    int Pairs,
    int HalfSeconds,
    int IdleSeconds,
    int Databases,
    int Minutes,
    string Scratch,
    string? Binary,
    int LargeMegabytes,
    IReadOnlyList<ContinuousPhase> Phases);
