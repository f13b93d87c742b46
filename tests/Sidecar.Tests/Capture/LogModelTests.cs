using BackupSidecar.Capture;
using BackupSidecar.Source;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.Tests.Capture;

/// <summary>Thousands of random histories of a log: what is told since a cursor makes the copy of then the database of now, or is refused.</summary>
public sealed class LogModelTests(ITestOutputHelper output)
{
    private const int Histories = 60;
    private const int StepsInHistory = 250;

    [Fact]
    public async Task What_is_told_is_the_truth_in_every_history()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"seed {seed}");
        await using var log = await SimulatedLog.StartAsync();
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var history = 0; history < Histories * ProofSettings.Scale; history++)
        {
            log.Reattach();
            Walk(log, new Random(unchecked(seed + history)), outcomes, $"seed {seed}, history {history}");
        }

        foreach (var (outcome, count) in outcomes)
        {
            output.WriteLine($"{count,7} {outcome}");
        }

        Assert.True(outcomes["told by the log"] > 500, "The histories do not show what the log tells.");
        Assert.True(outcomes["told by old tail and new log"] > 200, "The histories do not show what both logs tell.");
        Assert.True(outcomes["lost commits"] > 10, "The histories lose no commits.");
    }

    private static void Walk(SimulatedLog log, Random random, SortedDictionary<string, int> outcomes, string where)
    {
        var model = new LogModel(log, random);
        var (copy, cursor) = log.ReadImage();
        List<string> steps = [];
        for (var step = 0; step < StepsInHistory; step++)
        {
            steps.Add(model.Step());
            if (random.Next(4) > 0)
            {
                continue;
            }

            if (log.Attached.WasRecovered)
            {
                // As the follower does.
                log.Reattach();
                model.WasAttachedSince = false;
            }

            var outcome = LogCapture.Find(log.Attached, cursor, model.WasAttachedSince);
            var before = cursor;
            Count(outcomes, outcome);
            if (outcome.LostCommits)
            {
                Assert.True(model.HasLostPower, $"{where}: commits are said to be lost after {Last(steps)}.");
            }

            if (outcome.Changes is { } changes)
            {
                using (changes)
                {
                    copy = Apply(copy, changes);
                }

                cursor = changes.Cursor;
            }
            else if (outcome.Refusal is not null)
            {
                (copy, cursor) = log.ReadImage();
            }

            var wrong = FirstDifference(model.Pages, copy);
            Assert.True(wrong is null, $"{where}: {wrong} after {Last(steps)}; {Name(outcome)} {(outcome.Changes is { } told ? $"pages {string.Join(' ', told.Pages)}, {told.Commits} commits" : "")}, from {before} to {cursor}.");

            // A cursor that did not move stays as old as it is.
            model.WasAttachedSince |= outcome != LogOutcome.Nothing;
            model.HasLostPower = false;
            steps.Clear();
        }
    }

    private static List<byte[]> Apply(List<byte[]> copy, LogChanges changes)
    {
        List<byte[]> next = [.. copy.Take((int)changes.Shape.PageCount)];
        while (next.Count < changes.Shape.PageCount)
        {
            next.Add([]);
        }

        for (var i = 0; i < changes.Pages.Count; i++)
        {
            var page = new byte[SimulatedLog.PageSize];
            changes.Read(i, page);
            next[(int)changes.Pages[i] - 1] = page;
        }

        changes.EnsureProved();
        return next;
    }

    private static string? FirstDifference(List<byte[]> expected, List<byte[]> found)
    {
        if (expected.Count != found.Count)
        {
            return $"{found.Count} pages instead of {expected.Count}";
        }

        var page = Enumerable.Range(0, expected.Count).FirstOrDefault(i => !expected[i].AsSpan().SequenceEqual(found[i]), -1);
        return page < 0 ? null : $"page {page + 1} is not as it was committed";
    }

    private static void Count(SortedDictionary<string, int> outcomes, LogOutcome outcome) =>
        outcomes[Name(outcome)] = outcomes.GetValueOrDefault(Name(outcome)) + 1;

    private static string Name(LogOutcome outcome) => outcome switch
    {
        { LostCommits: true } => "lost commits",
        { Changes.Method: CaptureMethod.Wal } => "told by the log",
        { Changes: not null } => "told by old tail and new log",
        { Refusal: { } refusal } => "refused: " + new string([.. refusal.Where(c => !char.IsDigit(c))]),
        _ => "nothing",
    };

    private static string Last(List<string> steps) => string.Join(", ", steps);
}
