using BackupSidecar.Api;
using BackupSidecar.Cli;
using BackupSidecar.Following;
using BackupSidecar.Tests.Api;
using Xunit;

namespace BackupSidecar.Tests.Cli;

/// <summary>What <c>status</c> tells people of a repository that is reached with a credential.</summary>
public sealed class StatusTableTests
{
    private static readonly RemoteAccount Account = new("/secrets/drive.json")
    {
        Kind = "user",
        RequestsToday = 1_234,
        RequestsPerDay = 200_000,
        UnitsInLastMinute = 55,
        UnitsPerMinute = 325_000,
    };

    [Fact]
    public void A_credential_is_shown_with_what_it_has_spent_and_may_spend() => Assert.Contains(
        "  account   offsite: user in /secrets/drive.json; 1,234 of 200,000 requests today, 55 of 325,000 units in the last minute\n", TextOf(Account), StringComparison.Ordinal);

    [Fact]
    public void What_waits_and_until_when_the_token_holds_is_shown_where_it_is_known() => Assert.Contains(
        "55 of 325,000 units in the last minute, calls that wait for units: 2; token until 2026-03-01 13:00:00 +00:00\n",
        TextOf(Account with { Waiting = 2, TokenExpiresAt = SampleStatus.At.AddHours(1) }), StringComparison.Ordinal);

    [Fact]
    public void A_dead_credential_is_shown_with_what_to_do() => Assert.Contains(
        "  DEAD      offsite: the credential in /secrets/drive.json is worth nothing any more (invalid_grant), told 5 min 0 s ago: nothing goes there\n  hint      Sign in.\n",
        TextOf(Account with { Death = new CredentialDeath(SampleStatus.At.AddMinutes(-5), "invalid_grant", "Sign in.") }), StringComparison.Ordinal);

    [Fact]
    public void A_directory_has_none() => Assert.DoesNotContain("account", TextOf(account: null), StringComparison.Ordinal);

    [Fact]
    public void A_repository_of_which_nothing_is_known_is_not_one_that_has_nothing()
    {
        var remote = new RemoteStatus("offsite", "there", 60) { BehindSince = SampleStatus.At.AddMinutes(-5) };

        Assert.Contains("offsite: what is there is not known yet;", TextOf(SampleStatus.Source("a") with { Remotes = [remote] }), StringComparison.Ordinal);
        Assert.Contains("offsite: nothing there yet;", TextOf(SampleStatus.Source("a") with { Remotes = [remote with { LastSyncAt = SampleStatus.At }] }), StringComparison.Ordinal);
        Assert.Contains("offsite: position 7, behind for 5 min 0 s;", TextOf(SampleStatus.Source("a") with { Remotes = [remote with { Position = 7 }] }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_trouble_that_is_over_says_when() => Assert.Contains(
        "no space; it was over 48.0 s ago\n",
        TextOf(SampleStatus.Source("a") with { Trouble = new SourceTrouble(SampleStatus.At.AddMinutes(-5), SampleStatus.At.AddMinutes(-5), "no space", "Make room.", null, SampleStatus.At.AddSeconds(-48)) }),
        StringComparison.Ordinal);

    private static string TextOf(RemoteAccount? account) => TextOf(SampleStatus.Source("a") with { Remotes = [new RemoteStatus("offsite", "there", 60) { Account = account }] });

    private static string TextOf(SourceStatus source)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        StatusTable.Write(writer, SampleStatus.Of(source), new CommandLineBench().Surroundings);
        return writer.ToString();
    }
}
