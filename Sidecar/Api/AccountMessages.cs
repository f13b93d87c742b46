using BackupSidecar.Following;
using V1 = BackupSidecar.Contracts.V1;

namespace BackupSidecar.Api;

/// <summary>The account of a remote repository of the program and of the contract, one from the other.</summary>
internal static class AccountMessages
{
    public static V1.RemoteAccount ToMessage(RemoteAccount account)
    {
        var message = new V1.RemoteAccount
        {
            Credential = account.Credential,
            Kind = account.Kind ?? "",
            TokenExpireTime = ProtoTime.ToProto(account.TokenExpiresAt),
            Death = account.Death is { } death ? new V1.CredentialDeath { SinceTime = ProtoTime.ToProto(death.Since), Reason = death.Reason, Hint = death.Hint } : null,
            RequestsToday = account.RequestsToday,
            RequestsPerDay = account.RequestsPerDay,
            UnitsInLastMinute = account.UnitsInLastMinute,
            UnitsPerMinute = account.UnitsPerMinute,
            WaitingCalls = account.Waiting,
        };
        message.Requests.AddRange(account.Requests.Select(requests => new V1.RequestCount { Kind = requests.Kind, Result = requests.Result, Count = requests.Count }));
        return message;
    }

    public static RemoteAccount FromMessage(V1.RemoteAccount message) => new(message.Credential)
    {
        Kind = message.Kind.Length == 0 ? null : message.Kind,
        TokenExpiresAt = ProtoTime.FromProto(message.TokenExpireTime),
        Death = message.Death is { } death ? new CredentialDeath(ProtoTime.FromProto(death.SinceTime) ?? default, death.Reason, death.Hint) : null,
        Requests = [.. message.Requests.Select(requests => new RequestCount(requests.Kind, requests.Result, requests.Count))],
        RequestsToday = message.RequestsToday,
        RequestsPerDay = message.RequestsPerDay,
        UnitsInLastMinute = message.UnitsInLastMinute,
        UnitsPerMinute = message.UnitsPerMinute,
        Waiting = message.WaitingCalls,
    };
}
