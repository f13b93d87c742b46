using BackupSidecar.Api;
using BackupSidecar.Contracts.V1;
using Google.Protobuf.Reflection;
using Grpc.Health.V1;
using Xunit;
using CallerRole = BackupSidecar.Api.CallerRole;

namespace BackupSidecar.Tests.Api;

/// <summary>Nobody may call what nobody thought of.</summary>
public sealed class CallRulesTests
{
    private static readonly MethodDescriptor[] Methods =
    [
        .. StatusReflection.Descriptor.Services.Concat(LifecycleReflection.Descriptor.Services).Concat(RestoreReflection.Descriptor.Services)
            .Concat(BackupReflection.Descriptor.Services).Concat(ConfigurationReflection.Descriptor.Services).Concat(HealthReflection.Descriptor.Services).SelectMany(service => service.Methods),
    ];

    [Fact]
    public void Every_method_of_the_contract_has_its_rule_and_no_rule_is_left_over() =>
        Assert.Equal(Methods.Select(NameOf).Order(), CallRules.Methods.Order());

    [Fact]
    public void An_operator_may_call_everything_and_a_stranger_nothing()
    {
        Assert.All(CallRules.Methods, method => Assert.True(CallRules.MayCall(CallerRole.Operator, method)));
        Assert.All(CallRules.Methods, method => Assert.False(CallRules.MayCall(CallerRole.Unspecified, method)));
        Assert.False(CallRules.MayCall(CallerRole.Operator, "/backupsidecar.v1.StatusService/Other"));
    }

    /// <summary><see cref="CallInterceptor"/> stands around the other two kinds only.</summary>
    [Fact]
    public void No_client_streams() => Assert.DoesNotContain(Methods, method => method.IsClientStreaming);

    private static string NameOf(MethodDescriptor method) => $"/{method.Service.FullName}/{method.Name}";
}
