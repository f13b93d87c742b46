using Xunit;

namespace BackupSidecar.Tests.Architecture;

/// <summary>Each rule finds what it exists for, at its line, and lets pass what it should.</summary>
public sealed class RoomRulesCatchTests
{
    private static readonly (string Path, string Text) Store =
        ("Store/Shelf.cs", "namespace BackupSidecar.Store; internal sealed class Shelf { public static int Count => 1; }");

    [Fact]
    public void A_using_of_a_forbidden_room_is_found() =>
        Catches(RoomRule.Find, "Pack/Thief.cs:1", ("Pack/Thief.cs", "using BackupSidecar.Store; namespace BackupSidecar.Pack;"), Store);

    [Fact]
    public void A_qualified_name_of_a_forbidden_room_is_found() =>
        Catches(RoomRule.Find, "Pack/Thief.cs:2", Store, ("Pack/Thief.cs", """
            namespace BackupSidecar.Pack; internal sealed class Thief {
                int Take() => BackupSidecar.Store.Shelf.Count; }
            """));

    [Fact]
    public void A_type_that_the_compiler_infers_is_found() =>
        Catches(
            RoomRule.Find,
            "Backup/Thief.cs:2",
            Store,
            ("Repository/Keeper.cs", "namespace BackupSidecar.Repository; internal static class Keeper { public static System.Collections.Generic.List<BackupSidecar.Store.Shelf> Shelves() => new(); }"),
            ("Backup/Thief.cs", """
                using BackupSidecar.Repository; namespace BackupSidecar.Backup; internal sealed class Thief { void Take() {
                    var shelves = Keeper.Shelves(); shelves.Clear(); } }
                """));

    [Fact]
    public void A_member_of_a_type_from_a_forbidden_room_is_found() =>
        Catches(
            RoomRule.Find,
            "Backup/Thief.cs:2",
            ("Store/Shelf.cs", "namespace BackupSidecar.Store; internal sealed class Shelf { public int Count => 1; }"),
            ("Repository/Keeper.cs", "namespace BackupSidecar.Repository; internal static class Keeper { public static BackupSidecar.Store.Shelf Shelf() => new(); }"),
            ("Backup/Thief.cs", """
                using BackupSidecar.Repository; namespace BackupSidecar.Backup; internal sealed class Thief { int Take() =>
                    Keeper.Shelf().Count; }
                """));

    [Fact]
    public void The_host_may_not_name_the_command_line() =>
        Catches(
            RoomRule.Find,
            "Hosting/Thief.cs:1",
            ("Cli/Verb.cs", "namespace BackupSidecar.Cli; internal sealed class Verb;"),
            ("Hosting/Thief.cs", "namespace BackupSidecar.Hosting; internal sealed class Thief(Cli.Verb verb) { public override string ToString() => verb.ToString()!; }"));

    [Theory]
    [InlineData("Store/Other.cs", "namespace BackupSidecar.Store; internal sealed class Other { int Take() => Shelf.Count; }")]
    [InlineData("Repository/Keeper.cs", "using BackupSidecar.Store; namespace BackupSidecar.Repository; internal sealed class Keeper { int Take() => Shelf.Count; }")]
    [InlineData("Cli/Verb.cs", "using BackupSidecar.Store; namespace BackupSidecar.Cli; internal sealed class Verb { int Take() => Shelf.Count; }")]
    [InlineData("Hosting/Builder.cs", "using BackupSidecar.Store; namespace BackupSidecar.Hosting; internal sealed class Builder { int Take() => Shelf.Count; }")]
    [InlineData("Pack/Note.cs", "namespace BackupSidecar.Pack; /// <summary>See <see cref=\"BackupSidecar.Store.Shelf\"/>.</summary>\ninternal sealed class Note;")]
    public void A_name_that_the_table_gives_passes(string path, string text) => Passes(RoomRule.Find, Store, (path, text));

    [Fact]
    public void The_entrance_may_name_the_command_line_and_nobody_the_entrance()
    {
        Assert.True(RoomTable.MayName(RoomTable.Entrance, "Cli"));
        Assert.False(RoomTable.MayName(RoomTable.Entrance, "Backup"));
        Assert.False(RoomTable.MayName("Cli", RoomTable.Entrance));
    }

    [Fact]
    public void A_room_without_a_row_is_found() =>
        Catches(RoomRule.FindWithoutRow, "Attic/Box.cs:1", ("Attic/Box.cs", "namespace BackupSidecar.Attic; internal sealed class Box;"));

    [Fact]
    public void A_room_without_a_row_may_be_named_by_nobody() =>
        Catches(
            RoomRule.Find,
            "Cli/Verb.cs:1",
            ("Attic/Box.cs", "namespace BackupSidecar.Attic; internal sealed class Box;"),
            ("Cli/Verb.cs", "using BackupSidecar.Attic; namespace BackupSidecar.Cli;"));

    [Fact]
    public void A_namespace_that_is_not_its_folder_is_found()
    {
        Catches(FileShapeRule.FindWrongNamespaces, "Store/FileSystem/Box.cs:1", ("Store/FileSystem/Box.cs", "namespace BackupSidecar.Store; internal sealed class Box;"));
        Passes(FileShapeRule.FindWrongNamespaces, ("Store/FileSystem/Box.cs", "namespace BackupSidecar.Store.FileSystem; internal sealed class Box;"));
    }

    [Fact]
    public void A_type_without_a_namespace_is_found()
    {
        Catches(FileShapeRule.FindTypesWithoutNamespace, "Store/Box.cs:1", ("Store/Box.cs", "internal sealed class Box;"));
        Passes(FileShapeRule.FindTypesWithoutNamespace, ("Program.cs", "Console.WriteLine();"));
    }

    [Theory]
    [InlineData("internal sealed class Other;")]
    [InlineData("internal sealed class Box;\ninternal enum Other;")]
    [InlineData("internal sealed class Box;\ninternal delegate void Other();")]
    public void A_type_in_a_file_of_another_name_is_found(string text) =>
        Catches(FileShapeRule.FindWrongTypes, "Store/Box.cs:", ("Store/Box.cs", "namespace BackupSidecar.Store; " + text));

    [Fact]
    public void A_nested_type_and_a_generic_one_pass() =>
        Passes(FileShapeRule.FindWrongTypes, ("Store/Box.cs", "namespace BackupSidecar.Store; internal sealed class Box<T> { internal enum Side; }"));

    [Theory]
    [InlineData("catch (Exception) { }")]
    [InlineData("catch { }")]
    [InlineData("catch (System.Exception e) { _ = e; }")]
    [InlineData("catch (Exception e) { if (e.HResult == 1) { throw; } }")]
    [InlineData("catch (Exception) { return; }")]
    [InlineData("catch (Exception) { Action later = () => throw new InvalidOperationException(); later(); }")]
    public void A_catch_of_everything_is_found(string text) => Catches(CatchRule.Find, "Store/Box.cs:2", ("Store/Box.cs", Method("try { }\n" + text)));

    [Theory]
    [InlineData("catch (Exception) { throw; }")]
    [InlineData("catch (Exception e) { throw new InvalidOperationException(e.Message, e); }")]
    [InlineData("catch (Exception e) when (e is not OperationCanceledException) { }")]
    [InlineData("catch (System.IO.IOException) { }")]
    public void A_catch_that_says_what_it_treats_passes(string text) => Passes(CatchRule.Find, ("Store/Box.cs", Method("try { }\n" + text)));

    [Fact]
    public void A_region_is_found() => Catches(RegionRule.Find, "Store/Box.cs:2", ("Store/Box.cs", Method("\n#region x\n#endregion\n")));

    [Theory]
    [InlineData("_ = Environment.TickCount64;")]
    [InlineData("_ = System.Diagnostics.Stopwatch.GetTimestamp();")]
    [InlineData("_ = System.Diagnostics.Stopwatch.StartNew();")]
    [InlineData("_ = TimeProvider.System;")]
    [InlineData("_ = DateTime.Today;")]
    [InlineData("_ = new PeriodicTimer(TimeSpan.Zero);")]
    [InlineData("using CancellationTokenSource late = new(TimeSpan.Zero);")]
    [InlineData("_ = Task.FromResult(1).WaitAsync(TimeSpan.Zero);")]
    public void A_clock_that_nobody_passed_in_is_found(string text) => Catches(ClockRule.Find, "Store/Box.cs:1", ("Store/Box.cs", Method(text)));

    [Fact]
    public void A_clock_that_was_passed_in_passes()
    {
        Passes(ClockRule.Find, ("Store/Box.cs", "namespace BackupSidecar.Store; internal sealed class Box(TimeProvider time) { object M() => new PeriodicTimer(TimeSpan.Zero, time); }"));
        Passes(ClockRule.Find, ("Program.cs", "_ = TimeProvider.System;"));
    }

    [Fact]
    public void A_vendor_outside_the_folder_of_its_store_is_found()
    {
        var vendor = ("Store/S3/AmazonS3Client.cs", "namespace Amazon.S3; public sealed class AmazonS3Client;");
        Catches(VendorRule.Find, "Store/Box.cs:1", vendor, ("Store/Box.cs", Method("_ = new Amazon.S3.AmazonS3Client();")));
        Passes(VendorRule.Find, vendor, ("Store/S3/Box.cs", Method("_ = new Amazon.S3.AmazonS3Client();")));
    }

    [Theory]
    [InlineData("_ = new FileStream(\"a\", FileMode.Open);")]
    [InlineData("using FileStream file = new(\"a\", FileMode.Open);")]
    [InlineData("_ = File.OpenRead(\"a\");")]
    [InlineData("_ = File.OpenHandle(\"a\");")]
    [InlineData("_ = File.ReadAllBytes(\"a\");")]
    [InlineData("_ = File.ReadLines(\"a\");")]
    [InlineData("_ = new[] { \"a\" }.Select(File.ReadAllText);")]
    [InlineData("File.Copy(\"a\", \"b\");")]
    [InlineData("File.WriteAllText(\"a\", \"b\");")]
    [InlineData("_ = new StreamReader(\"a\");")]
    [InlineData("_ = new FileInfo(\"a\").OpenRead();")]
    [InlineData("_ = System.IO.MemoryMappedFiles.MemoryMappedFile.CreateFromFile(\"a\");")]
    public void A_file_opened_near_a_live_database_is_found(string text)
    {
        Catches(RawFileRule.Find, "Capture/Box.cs:1", ("Capture/Box.cs", Method(text)));
        Catches(RawFileRule.Find, "Source/Box.cs:1", ("Source/Box.cs", Method(text)));
        Passes(RawFileRule.Find, ("Store/Box.cs", Method(text)));
    }

    [Theory]
    [InlineData("[System.Runtime.InteropServices.DllImport(\"libc\")] static extern int open(string path, int flags);")]
    [InlineData("[System.Runtime.InteropServices.DllImport(\"libc\", EntryPoint = \"openat\", SetLastError = true)] static extern int At(int folder, string path, int flags);")]
    public void A_native_open_near_a_live_database_is_found(string text) =>
        Catches(RawFileRule.Find, "Source/Box.cs:1", ("Source/Box.cs", $"namespace BackupSidecar.Source; internal sealed class Box {{ {text} }}"));

    [Theory]
    [InlineData("_ = File.Exists(\"a\");")]
    [InlineData("_ = new FileInfo(\"a\").Length;")]
    [InlineData("static long Length(FileStream file) => file.Length;")]
    public void Looking_at_a_file_without_opening_it_passes(string text) => Passes(RawFileRule.Find, ("Source/Box.cs", Method(text)));

    private static string Method(string body) =>
        $"namespace BackupSidecar.Store; internal sealed class Box {{ void M() {{ {body} }} }}";

    private static void Catches(Func<SidecarCode, IEnumerable<Violation>> rule, string place, params (string Path, string Text)[] files)
    {
        var violations = rule(Compiled(files)).ToList();

        Assert.NotEmpty(violations);
        Assert.All(violations, violation => Assert.StartsWith("Sidecar/" + place, violation.ToString(), StringComparison.Ordinal));
    }

    private static void Passes(Func<SidecarCode, IEnumerable<Violation>> rule, params (string Path, string Text)[] files) =>
        Assert.Empty(rule(Compiled(files)));

    private static SidecarCode Compiled((string Path, string Text)[] files)
    {
        var code = SidecarCode.Snippet(files);
        Assert.Empty(code.Errors);
        return code;
    }
}
