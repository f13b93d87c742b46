using System.Security.Cryptography;
using System.Text;
using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Hosting.Service;

/// <summary>The secret that proves an operator who does not come through a socket of the file system. Only its hash is kept.</summary>
internal sealed class AccessToken
{
    public const string Scheme = "Bearer ";

    private const int LengthMin = 16;
    private const int LengthMax = 500;

    private readonly byte[] _hash;

    private AccessToken(string token) => _hash = HashOf(token);

    /// <param name="path">Its first line is the token.</param>
    /// <exception cref="OperatorException">It cannot be read, others may read it, or it is no token. The token stands in no message.</exception>
    public static AccessToken Read(string path) => new(ReadText(path));

    /// <summary>For a client: the token itself.</summary>
    /// <exception cref="OperatorException">As <see cref="Read"/>.</exception>
    public static string ReadText(string path)
    {
        try
        {
            var mode = File.GetUnixFileMode(path);
            if (NativeFile.Stat(path, out var stat) != 0 || SecretFileAccess.IsOpenToOthers(mode, stat.Owner, ProcessUser.Id))
            {
                throw new OperatorException(FailureKind.UnsafeEnvironment, $"The token file {path} can be read by others than its owner.", $"Run 'chmod 600 {path}', and make a new token if somebody may have read it.");
            }

            using var reader = new StreamReader(path);
            var line = reader.ReadLine()?.Trim() ?? "";
            return line.Length is >= LengthMin and <= LengthMax && line.All(c => c is > ' ' and <= '~')
                ? line
                : throw new OperatorException(
                    FailureKind.Failed, $"The first line of the token file {path} is no token: {LengthMin} to {LengthMax} characters of ASCII without spaces.", $"Make one: 'openssl rand -hex 32 > {path}'.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException(FailureKind.Failed, $"The token file {path} cannot be read: {e.Message}", $"Make one: 'umask 077; openssl rand -hex 32 > {path}'.", e);
        }
    }

    /// <param name="authorization">The header of that name; null: there is none.</param>
    public bool IsProvedBy(string? authorization) =>
        authorization is not null
        && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(HashOf(authorization[Scheme.Length..].Trim()), _hash);

    /// <summary>Of one length whatever is given, so that a comparison tells nothing.</summary>
    private static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
