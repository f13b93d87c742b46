using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Restore;

/// <summary>Asks the kernel to begin writing a file to the disk while it is still being filled, so that the flush at the end finds little left to do.</summary>
internal static partial class WriteBack
{
    /// <summary>Dirty bytes between two requests.</summary>
    public const long StepBytes = 16L << 20;

    private const uint BeginOnly = 2;

    /// <summary>Does not wait. A refusal only makes the flush longer, and an error of the disk is kept for the flush to report.</summary>
    public static void Begin(SafeFileHandle file) => _ = SyncFileRange(file, offset: 0, length: 0, BeginOnly);

    /// <summary>A length of 0 is the whole file (sync_file_range(2)).</summary>
    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);
}
