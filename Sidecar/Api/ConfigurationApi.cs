using BackupSidecar.Contracts.V1;
using Grpc.Core;

namespace BackupSidecar.Api;

/// <summary>The configuration, and what can be changed while the sidecar runs.</summary>
internal sealed class ConfigurationApi(IServedSidecar sidecar) : ConfigurationService.ConfigurationServiceBase
{
    public override Task<GetConfigurationResponse> GetConfiguration(GetConfigurationRequest request, ServerCallContext context)
    {
        var (json, path) = sidecar.Configuration;
        return Task.FromResult(new GetConfigurationResponse { Json = json, Path = path ?? "" });
    }

    public override async Task<PauseSourceResponse> PauseSource(PauseSourceRequest request, ServerCallContext context)
    {
        await sidecar.ResolvedAsync(context.CancellationToken);
        var source = SourceChoice.One(sidecar.Status, request.Source);
        return new PauseSourceResponse { PauseTime = ProtoTime.ToProto(sidecar.Pause(source.Name)) };
    }

    public override async Task<ResumeSourceResponse> ResumeSource(ResumeSourceRequest request, ServerCallContext context)
    {
        await sidecar.ResolvedAsync(context.CancellationToken);
        var source = SourceChoice.One(sidecar.Status, request.Source);
        return sidecar.Resume(source.Name) ? new ResumeSourceResponse() : throw new ApiException(
            ErrorReason.SourcePaused, $"Source '{source.Name}' stays paused: the configuration says enabled: false.", "Set enabled to true in the configuration, which is read again while serve runs.");
    }

    public override Task<WhoAmIResponse> WhoAmI(WhoAmIRequest request, ServerCallContext context)
    {
        var role = Callers.RoleOf(context);
        var response = new WhoAmIResponse
        {
            Role = role switch
            {
                CallerRole.Monitor => Contracts.V1.CallerRole.Monitor,
                CallerRole.App => Contracts.V1.CallerRole.App,
                CallerRole.Operator => Contracts.V1.CallerRole.Operator,
                _ => Contracts.V1.CallerRole.Unspecified,
            },
        };
        response.Methods.AddRange(CallRules.Methods.Where(method => CallRules.MayCall(role, method)).Select(method => method.TrimStart('/')).Order(StringComparer.Ordinal));
        return Task.FromResult(response);
    }
}
