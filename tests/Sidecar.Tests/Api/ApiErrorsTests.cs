using BackupSidecar.Api;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Primitives;
using Grpc.Core;
using Xunit;

namespace BackupSidecar.Tests.Api;

/// <summary>A failure comes through a call as what it was.</summary>
public sealed class ApiErrorsTests
{
    public static TheoryData<ErrorReason> Reasons => [.. Enum.GetValues<ErrorReason>().Where(reason => reason != ErrorReason.Unspecified)];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Every_reason_has_a_code(ErrorReason reason) => Assert.NotEqual(StatusCode.Unknown, ApiErrors.CodeOf(reason));

    [Theory]
    [MemberData(nameof(Reasons))]
    public void A_reason_keeps_its_text_and_its_hint(ErrorReason reason)
    {
        var status = ApiErrors.ToRpc(new ApiException(reason, "what", "then"));

        var back = ApiErrors.FromRpc(status, "here");

        Assert.Equal(ApiErrors.CodeOf(reason), status.StatusCode);
        Assert.Equal(("what", "then"), (back.Message, back.Hint));
    }

    [Theory]
    [InlineData(FailureKind.Failed)]
    [InlineData(FailureKind.RepositoryMissing)]
    [InlineData(FailureKind.Locked)]
    [InlineData(FailureKind.VerificationFailed)]
    [InlineData(FailureKind.DatabaseInUse)]
    [InlineData(FailureKind.UnsafeEnvironment)]
    internal void A_failure_keeps_its_kind(FailureKind kind) =>
        Assert.Equal(kind, ApiErrors.FromRpc(ApiErrors.ToRpc(new OperatorException(kind, "what", "then")), "here").Kind);

    [Fact]
    public void The_name_of_a_reason_is_the_contracts_without_its_prefix() => Assert.Equal("POSITION_ON_OTHER_TIMELINE", ApiErrors.NameOf(ErrorReason.PositionOnOtherTimeline));

    [Fact]
    public void What_an_unexpected_exception_says_stays_here()
    {
        var status = ApiErrors.ToRpc(new InvalidOperationException("secret"));

        Assert.Equal(StatusCode.Internal, status.StatusCode);
        Assert.DoesNotContain("secret", status.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_text_is_cut()
    {
        var status = ApiErrors.ToRpc(new OperatorException(FailureKind.Failed, new string('a', 100_000), new string('b', 100_000)));

        Assert.InRange(status.Status.Detail.Length, 1, 1000);
        Assert.InRange(status.Trailers.Sum(entry => entry.IsBinary ? entry.ValueBytes.Length : entry.Value.Length), 1, 5000);
    }

    [Fact]
    public void The_answer_of_a_stranger_names_its_address()
    {
        var failure = ApiErrors.FromRpc(new RpcException(new Status(StatusCode.Unimplemented, "no")), "/run/x.sock");

        Assert.Equal("The sidecar at /run/x.sock answered Unimplemented: no", failure.Message);
    }
}
