using BackupSidecar.Contracts.V1;

namespace BackupSidecar.Api;

/// <summary>How many items a page of a list has.</summary>
internal static class PageSize
{
    private const int Default = 100;
    private const int Max = 1000;

    /// <exception cref="ApiException">It is not allowed.</exception>
    public static int Of(int given) => given switch
    {
        0 => Default,
        > 0 and <= Max => given,
        _ => throw new ApiException(ErrorReason.InvalidArgument, $"The page_size {given} is not allowed: 1 to {Max}.", $"Leave it out for {Default}."),
    };
}
