using System.Diagnostics;
using System.Security.Cryptography;
using BackupSidecar.DriveEmulator.Faults;
using BackupSidecar.Primitives;
using Xunit;
using Fault = BackupSidecar.DriveEmulator.Faults.Fault;

namespace BackupSidecar.Tests.Store.GoogleDrive;

/// <summary>SIGKILL of a process that uploads, at random moments: it goes on where it was.</summary>
public sealed class DriveKilledUploadTests
{
    private const int PieceBytes = 256 << 10;
    private const int Pieces = 40;
    private const int LengthBytes = (Pieces * PieceBytes) + 11;

    /// <summary>Pieces that one life may send at least before it is killed, so that the whole comes to an end.</summary>
    private const int PiecesOfALifeMin = 3;

    /// <summary>Pieces beyond which no life gets, however late it is killed, so that there are several.</summary>
    private const int PiecesOfALifeMax = 9;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_upload_goes_on_where_it_was_and_makes_one_file()
    {
        var seed = Environment.GetEnvironmentVariable("BACKUPSIDECAR_PROOF_SEED") is { Length: > 0 } text ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : RandomNumberGenerator.GetInt32(int.MaxValue);
        var random = new Random(seed);
        await using var scene = await DriveScene.StartAsync();
        var name = ObjectName.Parse("packs/app/0123456789abcdef0123456789abcdef.pack");
        var bytes = RandomNumberGenerator.GetBytes(LengthBytes);
        await File.WriteAllBytesAsync(scene.Join("content"), bytes, Ct);

        var kills = 0;
        while (!await RunAndKillAsync(scene, name, pieces: random.Next(PiecesOfALifeMin, PiecesOfALifeMax), delayMs: random.Next(15)))
        {
            kills++;
            Assert.True(kills < 100, $"seed {seed}: it does not come to an end");
        }

        Assert.True(kills >= 3, $"seed {seed}: {kills} kills are none to speak of");
        var file = Assert.Single(await scene.FilesAsync());
        Assert.Equal(name.ToString(), file.Name);
        await using var stored = await scene.Open("elsewhere").OpenAsync(name, Ct);
        var read = new byte[LengthBytes];
        await stored.ReadAsync(0, read, Ct);
        Assert.True(bytes.AsSpan().SequenceEqual(read), $"seed {seed}");
        var received = scene.Host.Requests.Entries().Where(entry => entry.Kind == "upload.chunk").Sum(entry => entry.ReceivedBytes);
        Assert.True(received <= LengthBytes + ((long)kills * PieceBytes), $"seed {seed}: {received} bytes came for {LengthBytes} after {kills} kills");
        Assert.Empty(Directory.GetFiles(Path.Join(scene.StateOf("killed"), "uploads")));
    }

    /// <returns>True: it came to its end before it was killed.</returns>
    private static async Task<bool> RunAndKillAsync(DriveScene scene, ObjectName name, int pieces, int delayMs)
    {
        var afterPieces = PiecesReceived(scene) + pieces;
        scene.Host.Faults.Set(
            [
                new FaultRule { Calls = ["upload.chunk"], Fault = new Fault { Kind = FaultKind.Delay, Milliseconds = 10 } },
                new FaultRule { Calls = ["upload.chunk"], Skip = pieces + 1, Fault = new Fault { Kind = FaultKind.Delay, Milliseconds = int.MaxValue } },
            ],
            seed: 1);
        using var process = Process.Start(
            Path.Combine(AppContext.BaseDirectory, "Sidecar.SwapKill"), ["put", scene.Host.BaseAddress.AbsoluteUri, scene.FolderId, scene.StateOf("killed"), name.ToString(), scene.Join("content")]);
        try
        {
            while (!process.HasExited && PiecesReceived(scene) < afterPieces)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Ct);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(delayMs), TimeProvider.System, Ct);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        return process.ExitCode == 0;
    }

    private static int PiecesReceived(DriveScene scene) => (int)scene.Host.Requests.Counters().ByKind.GetValueOrDefault("upload.chunk");
}
