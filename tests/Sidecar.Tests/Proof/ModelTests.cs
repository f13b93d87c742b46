using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.Tests.Proof;

/// <summary>Random sequences of what applications, operators and this program do; every backup restores to exactly the plain copy taken with it.</summary>
public sealed class ModelTests(ITestOutputHelper output)
{
    private const int Steps = 220;

    public static TheoryData<int> Walks => [.. Enumerable.Range(0, 2 * ProofSettings.Scale)];

    [Theory]
    [MemberData(nameof(Walks))]
    public async Task In_any_sequence_every_backup_restores_exactly(int walk)
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"seed {seed}, walk {walk}");
        await using var model = await ModelWalk.StartAsync(new Random(HashCode(seed, walk)));
        try
        {
            for (var step = 0; step < Steps; step++)
            {
                await model.StepAsync();
            }

            await model.AssertAllRestoreAsync();
        }
        finally
        {
            output.WriteLine($"{model.BackupCount} backups; the last steps: {string.Join("; ", model.Log.TakeLast(40))}");
        }
    }

    /// <summary>The same in every process, unlike the one of the base library.</summary>
    private static int HashCode(int seed, int walk) => unchecked((seed * 31) + walk);
}
