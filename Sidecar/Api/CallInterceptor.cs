using BackupSidecar.Contracts.V1;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Api;

/// <summary>Around every call: may its caller make it, and what becomes of an exception.</summary>
/// <remarks>The contract has no calls in which a client streams; one that is added needs its method here, or it passes unchecked, which a test looks for.</remarks>
internal sealed class CallInterceptor(ILogger log) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            EnsureAllowed(context);
            return await continuation(request, context);
        }
        catch (Exception e) when (IsForUs(e, context))
        {
            throw Translate(e, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            EnsureAllowed(context);
            await continuation(request, responseStream, context);
        }
        catch (Exception e) when (IsForUs(e, context))
        {
            throw Translate(e, context);
        }
    }

    private static void EnsureAllowed(ServerCallContext context)
    {
        var role = Callers.RoleOf(context);
        if (role == CallerRole.Unspecified && Callers.NeedsToken(context))
        {
            throw new ApiException(
                ErrorReason.NotAuthenticated, "The call carries no token, or not the one of this sidecar.", "Send 'authorization: Bearer TOKEN' with the first line of its token file; 'backup-sidecar' does with the variable BACKUPSIDECAR_TOKEN_FILE.");
        }

        if (!CallRules.MayCall(role, context.Method))
        {
            throw new ApiException(
                ErrorReason.NotAllowedHere, $"{context.Method} cannot be called through this {(role == CallerRole.Monitor ? "address" : "socket")}.", "Use the socket for operators: operator/sidecar.sock in the state directory of serve.");
        }
    }

    /// <summary>What has its status already, and the end of a call that its client has left, stays as it is.</summary>
    private static bool IsForUs(Exception exception, ServerCallContext context) =>
        exception is not (RpcException or OutOfMemoryException) && !(exception is OperationCanceledException or IOException && context.CancellationToken.IsCancellationRequested);

    private RpcException Translate(Exception exception, ServerCallContext context)
    {
        var translated = ApiErrors.ToRpc(exception);
        if (exception is not Primitives.OperatorException)
        {
            ApiLog.Failed(log, exception, context.Method, exception.Message);
        }

        return translated;
    }
}
