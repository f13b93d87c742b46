using Xunit;

namespace BackupSidecar.Tests.Architecture;

/// <summary>The whole of Sidecar keeps the rules. That each rule sees what it should is shown by <see cref="RoomRulesCatchTests"/>.</summary>
public sealed class RoomRulesTests
{
    [Fact]
    public void The_rules_see_the_program_as_the_compiler_does()
    {
        Assert.Empty(SidecarCode.Whole.Errors);
        Assert.Contains(SidecarCode.Whole.Trees, tree => SidecarCode.PathOf(tree) == "Program.cs");
    }

    [Fact]
    public void Every_file_of_the_folder_is_judged()
    {
        var judged = SidecarCode.Whole.Trees.Select(SidecarCode.PathOf).Order(StringComparer.Ordinal);

        Assert.Equal(SidecarCode.PathsOnDisk().Order(StringComparer.Ordinal), judged);
    }

    [Fact]
    public void Every_room_has_a_row_in_the_table() => AssertNone(RoomRule.FindWithoutRow(SidecarCode.Whole));

    [Fact]
    public void No_room_names_one_that_it_may_not() => AssertNone(RoomRule.Find(SidecarCode.Whole));

    [Fact]
    public void A_namespace_is_its_folder()
    {
        AssertNone(FileShapeRule.FindWrongNamespaces(SidecarCode.Whole));
        AssertNone(FileShapeRule.FindTypesWithoutNamespace(SidecarCode.Whole));
    }

    [Fact]
    public void A_file_holds_one_type_and_has_its_name()
    {
        AssertNone(FileShapeRule.FindWrongTypes(SidecarCode.Whole));
        Assert.Empty(FileShapeRule.FindStaleExceptions(SidecarCode.Whole));
    }

    [Fact]
    public void Nobody_catches_what_he_cannot_treat() => AssertNone(CatchRule.Find(SidecarCode.Whole));

    [Fact]
    public void There_are_no_regions() => AssertNone(RegionRule.Find(SidecarCode.Whole));

    [Fact]
    public void Time_is_passed_in() => AssertNone(ClockRule.Find(SidecarCode.Whole));

    [Fact]
    public void A_vendor_is_named_in_the_folder_of_its_store_only() => AssertNone(VendorRule.Find(SidecarCode.Whole));

    [Fact]
    public void Rooms_near_live_databases_open_no_files()
    {
        AssertNone(RawFileRule.Find(SidecarCode.Whole));
        Assert.Empty(RawFileRule.FindStaleExceptions(SidecarCode.Whole));
    }

    [Fact]
    public void The_client_of_apps_knows_the_contract_alone() => Assert.Equal(["../Contracts/Contracts.csproj"], SidecarCode.ProjectsReferencedBy("Client/BackupSidecar.Client.csproj"));

    private static void AssertNone(IEnumerable<Violation> violations)
    {
        var lines = violations.Select(violation => violation.ToString()).Distinct().ToList();
        Assert.True(lines.Count == 0, string.Join('\n', lines));
    }
}
