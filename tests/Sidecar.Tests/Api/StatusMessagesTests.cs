using System.Text.Json;
using BackupSidecar.Api;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Contracts.V1;
using Google.Protobuf;
using Xunit;
using ProtectionLevel = BackupSidecar.Following.ProtectionLevel;
using SourceState = BackupSidecar.Following.SourceState;
using SourceStatus = BackupSidecar.Following.SourceStatus;
using V1Level = BackupSidecar.Contracts.V1.ProtectionLevel;
using V1State = BackupSidecar.Contracts.V1.SourceState;

namespace BackupSidecar.Tests.Api;

/// <summary>The status goes through the contract without a loss.</summary>
public sealed class StatusMessagesTests
{
    [Fact]
    public void Every_field_comes_back_as_it_was() => ComesBack(SampleStatus.Full("text"));

    [Fact]
    public void What_is_not_known_stays_unknown() => ComesBack(SampleStatus.Of(new SourceStatus { Name = "a", Path = "/a", State = SourceState.Starting }));

    [Fact]
    public void Every_state_and_level_has_its_name_in_the_contract()
    {
        Assert.Equal(Enum.GetNames<SourceState>(), Enum.GetNames<V1State>());
        Assert.Equal(Enum.GetNames<ProtectionLevel>(), Enum.GetNames<V1Level>());
        Assert.All(Enum.GetValues<SourceState>(), state => Assert.Equal(state.ToString(), ((V1State)state).ToString()));
        Assert.All(Enum.GetValues<ProtectionLevel>(), level => Assert.Equal(level.ToString(), ((V1Level)level).ToString()));
    }

    private static void ComesBack(ServeStatus status)
    {
        var wire = StatusMessages.ToMessage(status).ToByteArray();
        var back = StatusMessages.FromMessage(SidecarStatus.Parser.ParseFrom(wire));
        Assert.Equal(TextOf(status), TextOf(back));
    }

    private static string TextOf(ServeStatus status) => JsonSerializer.Serialize(new StatusSummary(status, ExitCode: 0), CliJson.Default.StatusSummary);

    [Fact]
    public void The_states_of_restores_are_those_of_the_contract_number_by_number() =>
        Assert.Equal(
            Enum.GetValues<Contracts.V1.RestoreState>().Select(state => ((int)state, $"{state}")),
            Enum.GetValues<BackupSidecar.Lifecycle.RestoreState>().Select(state => ((int)state, $"{state}")));
}
