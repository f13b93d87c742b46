using Xunit;

namespace BackupSidecar.EndToEnd.Publishing;

public sealed class AllowedWarningsTests
{
    private const string Ours =
        "/src/Sidecar/Program.cs(29): AOT analysis warning IL3050: BackupSidecar.Cli.Verb.Run(String): Using member 'Spectre.Console.AnsiConsole.WriteException(Exception)' which has 'RequiresDynamicCodeAttribute'. [/src/Sidecar/Sidecar.csproj]";

    private const string Library =
        "ILC : Trim analysis warning IL2070: Acme.Widgets.Box<T>.<>c.Open(Type): 'this' argument does not satisfy 'DynamicallyAccessedMemberTypes.All'. [/src/Sidecar/Sidecar.csproj]";

    private readonly TypeOwners _owners = new();

    public AllowedWarningsTests()
    {
        _owners.Add("backup-sidecar", "BackupSidecar.Cli.Verb");
        _owners.Add("Acme", "Acme.Widgets.Box");
    }

    [Fact]
    public void A_library_warning_with_a_line_passes() => Assert.Empty(Judge(["Acme IL2070 # never called by us"], Library));

    [Fact]
    public void A_library_warning_without_a_line_is_refused()
    {
        Assert.StartsWith("Acme IL2070 is not allowed", Assert.Single(Judge([], Library)), StringComparison.Ordinal);
        Assert.Contains(Judge(["Acme IL2026 # another code"], Library), fault => fault.StartsWith("Acme IL2070 is not allowed", StringComparison.Ordinal));
    }

    [Fact]
    public void A_warning_of_our_own_is_refused_whatever_the_list_says() =>
        Assert.Contains(Judge(["backup-sidecar IL3050 # please"], Ours), fault => fault.StartsWith("backup-sidecar IL3050 is not allowed", StringComparison.Ordinal));

    [Fact]
    public void A_warning_that_belongs_to_no_known_type_is_refused() =>
        Assert.StartsWith("? IL2104", Assert.Single(Judge([], "ILC : warning IL2104: Assembly 'Acme' produced trim warnings.")), StringComparison.Ordinal);

    [Fact]
    public void A_line_without_a_warning_is_a_fault() => Assert.Contains("no longer appears", Assert.Single(Judge(["Acme IL2070 # was there"])));

    [Theory]
    [InlineData("Acme IL2070")]
    [InlineData("Acme IL2070 #")]
    [InlineData("Acme # everything")]
    public void A_line_without_a_reason_or_a_code_is_a_fault(string line) => Assert.Single(Judge([line]));

    [Fact]
    public void Comments_and_other_output_are_no_warnings() =>
        Assert.Empty(Judge(["# Acme IL2070", ""], "  Generating native code", "  Sidecar -> /src/Sidecar/bin/publish/"));

    [Fact]
    public void A_warning_that_the_log_repeats_is_one() => Assert.Single(Judge([], Library, "  " + Library));

    private IReadOnlyList<string> Judge(string[] list, params string[] log) =>
        AllowedWarnings.Read(list).Judge(NativeWarning.ReadAll(log), _owners);
}
