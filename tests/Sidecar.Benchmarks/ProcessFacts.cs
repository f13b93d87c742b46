using System.Globalization;
using System.Runtime.InteropServices;

namespace BackupSidecar.Benchmarks;

/// <summary>What the kernel tells of another process.</summary>
internal static partial class ProcessFacts
{
    private const int ProcessorClock = 2;

    private static readonly TimeSpan SamplePeriod = TimeSpan.FromMilliseconds(3);

    /// <param name="name">A line of <c>/proc/PID/status</c> in kB: RssAnon, VmRSS.</param>
    /// <returns>0 if the process is gone.</returns>
    public static long BytesOf(int process, string name)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            // It ended between two looks.
            return 0;
        }
    }

    /// <summary>The largest value that is seen, every few milliseconds, until <paramref name="ended"/>.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="name">As of <see cref="BytesOf"/>.</param>
    /// <param name="time">Says when to look.</param>
    /// <param name="ended">The end of the watch.</param>
    public static async Task<long> PeakAsync(int process, string name, TimeProvider time, CancellationToken ended)
    {
        var peak = 0L;
        using var timer = new PeriodicTimer(SamplePeriod, time);
        while (!ended.IsCancellationRequested)
        {
            peak = Math.Max(peak, BytesOf(process, name));
            try
            {
                await timer.WaitForNextTickAsync(ended);
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                break;
            }
        }

        return peak;
    }

    /// <summary>Processor time of all its threads, also of those that have ended. The clock counts nanoseconds; utime and stime of <c>/proc</c> would count hundredths of a second.</summary>
    public static TimeSpan ProcessorTimeOf(int process)
    {
        var error = ReadClock((~process << 3) | ProcessorClock, out var time);
        return error == 0
            ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0)
            : throw new InvalidOperationException($"The processor time of process {process} cannot be read.");
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ReadClock(int clock, out Moment time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Moment
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
