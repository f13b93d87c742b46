using System.Text;
using Xunit;

namespace BackupSidecar.EndToEnd.Publishing;

/// <summary>What was published is what we promise: one small stripped program, its native libraries beside it, no warning that nobody has judged.</summary>
public sealed class PublishedProgramTests
{
    private const string LogSetting = "BACKUPSIDECAR_PUBLISH_LOG";

    /// <summary>32 MB were expected of the full set of packages; 4 MB more on the disk save 8 MB of memory, and Google's libraries, which find their parts by reflection and are kept whole, take 12 MB.</summary>
    private const long ProgramBytesMax = 47_000_000;

    [Fact]
    public void Every_warning_of_the_native_compiler_is_on_the_list()
    {
        var path = Environment.GetEnvironmentVariable(LogSetting) ?? "";
        Assert.SkipWhen(path.Length == 0, $"{LogSetting} is not set to the output of a native publish.");
        var log = File.ReadAllLines(path);
        Assert.Contains(log, line => line.Contains("Generating native code", StringComparison.Ordinal));

        var owners = TypeOwners.Read(File.ReadLines(Path.ChangeExtension(path, ".rsp")), Path.Combine(Solution.Root, "Sidecar"));
        var faults = AllowedWarnings.Read(File.ReadLines(Path.Combine(Solution.Root, ".ci", "aot-warnings.txt"))).Judge(NativeWarning.ReadAll(log), owners);

        // The compiler's input is there, so a warning of ours is known as ours.
        Assert.Equal("backup-sidecar", owners.OwnerOf("BackupSidecar.Primitives.PageHash.ToString()"));
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public void The_program_is_small_enough() =>
        Assert.InRange(new FileInfo(PublishedProgram()).Length, 1, ProgramBytesMax);

    [Theory]
    [InlineData("libe_sqlite3.so")]
    [InlineData("libzstd.so")]
    public void A_native_library_stands_beside_the_program(string name) =>
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(PublishedProgram())!, name)), $"{name} is missing");

    [Fact]
    public void Symbols_are_in_a_file_of_their_own()
    {
        var program = PublishedProgram();

        Assert.True(File.Exists(program + ".dbg"), "backup-sidecar.dbg is missing");
        Assert.DoesNotContain(".debug_info", SectionNamesOf(program));
        Assert.DoesNotContain(".symtab", SectionNamesOf(program));
    }

    private static string PublishedProgram()
    {
        Assert.SkipUnless(SidecarBinary.Current.IsPublished, $"{SidecarBinary.Setting} is not set to a published program.");
        return SidecarBinary.Current.Path;
    }

    /// <summary>The section names of an ELF64 file: the table that its header points to, and the string section that the table points to.</summary>
    private static string[] SectionNamesOf(string path)
    {
        const int SectionHeaderSize = 64;
        var bytes = File.ReadAllBytes(path);
        var tableOffset = BitConverter.ToInt64(bytes, 40);
        var nameSection = BitConverter.ToUInt16(bytes, 62);
        var header = (int)tableOffset + (nameSection * SectionHeaderSize);
        var (offset, length) = (BitConverter.ToInt64(bytes, header + 24), BitConverter.ToInt64(bytes, header + 32));
        return Encoding.ASCII.GetString(bytes, (int)offset, (int)length).Split('\0');
    }
}
