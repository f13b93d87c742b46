using BackupSidecar.Following;
using BackupSidecar.Tests.Api;
using Xunit;

namespace BackupSidecar.Tests.Following;

/// <summary>What a status means: safe, at risk, unsafe, and what to do.</summary>
public sealed class ProtectionTests
{
    private static readonly DateTimeOffset Now = SampleStatus.At;
    private static readonly SourceStatus Well = SampleStatus.Source("a");

    [Fact]
    public void What_is_stored_is_safe_also_long_after_the_last_commit() =>
        Assert.Equal(Protection.Safe, Of(Well with { LastCaptureAt = Now.AddDays(-100), State = SourceState.Waiting }));

    [Theory]
    [InlineData(119, ProtectionLevel.Safe, null)]
    [InlineData(121, ProtectionLevel.AtRisk, "Commits of the last 2 min are not stored.")]
    [InlineData(3599, ProtectionLevel.AtRisk, "Commits of the last 59 min are not stored.")]
    [InlineData(7201, ProtectionLevel.Unsafe, "Commits of the last 2 h are not stored.")]
    internal void A_lag_is_judged_by_its_length(double seconds, ProtectionLevel level, string? reason)
    {
        var judged = Of(Well with { LagSeconds = seconds });

        Assert.Equal((level, reason), (judged.Level, judged.Reasons.SingleOrDefault()));
    }

    [Theory]
    [InlineData(30, ProtectionLevel.AtRisk, "Capturing has failed for less than a minute: no space")]
    [InlineData(3601, ProtectionLevel.Unsafe, "Capturing has failed for 1 h: no space")]
    internal void A_failure_is_judged_by_how_long_it_lasts(int seconds, ProtectionLevel level, string reason)
    {
        var since = Now.AddSeconds(-seconds);
        var judged = Of(Well with { State = SourceState.Failing, LastCaptureAt = since.AddDays(-1), LagSeconds = null, Trouble = new SourceTrouble(Now, since, "no space", "Make room.", Now) });

        Assert.Equal((level, "Make room."), (judged.Level, judged.NextStep));
        Assert.Equal([reason], judged.Reasons);
    }

    [Fact]
    public void A_failure_that_is_over_is_none() =>
        Assert.Equal(Protection.Safe, Of(Well with { Trouble = new SourceTrouble(Now, Now, "no space", "Make room.", null, Now) }));

    [Fact]
    public void A_doubt_that_captures_outlived_never_grows_to_unsafe()
    {
        var judged = Of(Well with { Trouble = new SourceTrouble(Now.AddDays(-1), Now.AddDays(-1), "page 7 differs", "Look.", null) });

        Assert.Equal(ProtectionLevel.AtRisk, judged.Level);
        Assert.Equal(["page 7 differs"], judged.Reasons);
    }

    [Fact]
    public void A_database_of_which_nothing_is_stored_is_unsafe() =>
        Assert.Equal(ProtectionLevel.Unsafe, Of(Well with { State = SourceState.Starting, Position = null }).Level);

    [Fact]
    public void A_database_of_which_nothing_can_be_stored_says_what_to_do_about_that()
    {
        var judged = Of(Well with { State = SourceState.Failing, Position = null, LastCaptureAt = null, Trouble = new SourceTrouble(Now, Now, "no space", "Make room.", Now) });

        Assert.Equal((ProtectionLevel.Unsafe, "Make room."), (judged.Level, judged.NextStep));
    }

    [Fact]
    public void A_repository_that_refuses_another_history_is_a_risk_at_once()
    {
        var trouble = new SourceTrouble(Now, Now, "two histories of one name.", "Begin anew.", Now);
        var refused = new RemoteStatus("offsite", "f", 60) { LagSeconds = 0, Trouble = trouble, IsRefused = true };

        var judged = Of(Well with { Remotes = [refused] });

        Assert.Equal((ProtectionLevel.AtRisk, "Begin anew."), (judged.Level, judged.NextStep));
        Assert.Equal(["Repository 'offsite' gets nothing of it: two histories of one name."], judged.Reasons);
        Assert.Equal(Protection.Safe, Of(Well with { Remotes = [refused with { Trouble = trouble with { OverAt = Now } }, refused with { IsRefused = false }] }));
    }

    [Fact]
    public void Damage_is_unsafe_until_a_full_is_stored_and_then_tells_what_was_lost()
    {
        var damage = new StoredDamage("Pack 1 is damaged.", "Look.");

        Assert.Equal((ProtectionLevel.Unsafe, "What is stored is damaged: Pack 1 is damaged."), (Protection.Of(damage).Level, Protection.Of(damage).Reasons[0]));
        var healed = Protection.Of(damage with { Full = 8, HealedAt = Now });
        Assert.Equal((ProtectionLevel.AtRisk, "Positions before 8 may not restore: Pack 1 is damaged. Position 8 is a full and needs nothing older."), (healed.Level, healed.Reasons[0]));
        Assert.Equal(Protection.Safe, Protection.Of((StoredDamage?)null));
    }

    [Theory]
    [InlineData(null, "There is no database at /d/a.db, so that nothing is protected.")]
    [InlineData(7ul, "There is no database at /d/a.db any more.")]
    public void A_missing_database_is_a_risk(ulong? position, string reason)
    {
        var judged = Of(Well with { State = SourceState.Waiting, Position = position, DatabaseBytes = null });

        Assert.Equal(ProtectionLevel.AtRisk, judged.Level);
        Assert.Equal([reason], judged.Reasons);
        Assert.Equal(position is not null, judged.NextStep!.Contains("lifecycle prepare", StringComparison.Ordinal));
    }

    [Fact]
    public void A_paused_source_is_a_risk_and_nothing_else() =>
        Assert.Equal(["It is not followed: the configuration says enabled: false."], Of(new SourceStatus { Name = "a", Path = "/a", State = SourceState.Paused, Reason = "the configuration says enabled: false" }).Reasons);

    [Fact]
    public void A_dead_credential_is_a_risk_at_once_and_says_what_to_do()
    {
        var account = new RemoteAccount("/secrets/drive.json") { Death = new CredentialDeath(Now.AddHours(-3), "invalid_grant", "Run 'drive login' again.") };
        var remote = new RemoteStatus("offsite", "Google Drive folder f", 60) { LagSeconds = 0, Account = account };

        var idle = Of(Well with { Remotes = [remote] });
        var late = Of(Well with { Remotes = [remote with { LagSeconds = 7_300, Trouble = new SourceTrouble(Now, Now, "the same", "the same", Now) }] });

        Assert.Equal((ProtectionLevel.AtRisk, "Run 'drive login' again."), (idle.Level, idle.NextStep));
        Assert.Equal(["Repository 'offsite' gets nothing any more: the credential in /secrets/drive.json has been dead for 3 h (invalid_grant)."], idle.Reasons);
        Assert.Equal(["Repository 'offsite' gets nothing any more: the credential in /secrets/drive.json has been dead for 3 h (invalid_grant); it lacks what was captured in the last 2 h."], late.Reasons);
    }

    [Fact]
    public void A_repository_whose_credential_lives_or_that_needs_none_is_judged_by_its_lag_alone()
    {
        var alive = new RemoteStatus("offsite", "f", 60) { LagSeconds = 0, Account = new RemoteAccount("/c") };

        Assert.Equal(Protection.Safe, Of(Well with { Remotes = [alive, alive with { Account = null, LagSeconds = 1_000 }] }));
        Assert.Equal(["Repository 'offsite' lacks what was captured in the last 17 min."], Of(Well with { Remotes = [alive with { Account = null, LagSeconds = 1_030 }] }).Reasons);
    }

    [Fact]
    public void The_gravest_reason_comes_first_and_says_what_to_do()
    {
        var together = Protection.Worst(
        [
            new Protection(ProtectionLevel.AtRisk, ["a little"], "Wait."),
            Protection.Safe,
            new Protection(ProtectionLevel.Unsafe, ["gone"], "Run."),
        ]);

        Assert.Equal((ProtectionLevel.Unsafe, "Run."), (together.Level, together.NextStep));
        Assert.Equal(["gone", "a little"], together.Reasons);
    }

    private static Protection Of(SourceStatus status) => Protection.Of(status, Now);
}
