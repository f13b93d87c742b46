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

    private static string TextOf(RemoteAccount? account)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        StatusTable.Write(writer, SampleStatus.Of(SampleStatus.Source("a") with { Remotes = [new RemoteStatus("offsite", "there", 60) { Account = account }] }), new CommandLineBench().Surroundings);
        return writer.ToString();
    }
}
