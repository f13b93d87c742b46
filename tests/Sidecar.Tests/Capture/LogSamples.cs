using BackupSidecar.Capture;
using BackupSidecar.Source;

namespace BackupSidecar.Tests.Capture;

/// <summary>Logs that are written byte by byte, for the decisions of the log capture.</summary>
internal static class LogSamples
{
    private const ulong FirstSalts = 0x0000_1000_0abc_def0;

    /// <summary>Three pages, and as many commits of a frame each.</summary>
    public static async Task<SimulatedLog> StartAsync(uint commits, bool bigEndian = false, ulong salts = FirstSalts)
    {
        var log = await SimulatedLog.StartAsync();
        log.WriteDatabase([log.FirstPage, Page(1), Page(2)]);
        (log.Salts, log.BigEndian, log.CommitCounter) = (salts, bigEndian, 1000);
        for (uint i = 0; i < commits; i++)
        {
            log.Commit(3, (2 + (i % 2), Page(30 + (int)i)));
        }

        return log;
    }

    public static byte[] Page(int seed)
    {
        var page = new byte[SimulatedLog.PageSize];
        new Random(seed).NextBytes(page);
        return page;
    }

    public static LogOutcome Find(SimulatedLog log, WalCursor cursor, bool isOfThisAttachment = true) => LogCapture.Find(log.Attached, cursor, isOfThisAttachment);
}
