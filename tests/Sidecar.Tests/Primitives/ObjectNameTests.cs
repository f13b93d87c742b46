using BackupSidecar.Primitives;
using CsCheck;
using Xunit;

namespace BackupSidecar.Tests.Primitives;

public sealed class ObjectNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("repository.json")]
    [InlineData("packs/0123/ABC_x-y.z.pack")]
    [InlineData("0")]
    [InlineData("_a/_b")]
    [InlineData("a..b/c--d")]
    [InlineData("a./b-")]
    public void A_name_reads_back(string text) => Assert.Equal(text, ObjectName.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/../b")]
    [InlineData("a/.hidden")]
    [InlineData("-rf")]
    [InlineData("a/-b")]
    [InlineData("a b")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("größe")]
    [InlineData("a:b")]
    [InlineData("a*")]
    [InlineData("~a")]
    public void What_could_leave_a_directory_or_mean_something_to_a_shell_is_no_name(string text)
    {
        Assert.False(ObjectName.TryParse(text, out _));
        Assert.Throws<ArgumentException>(() => ObjectName.Parse(text));
    }

    [Fact]
    public void Length_is_bounded_as_a_whole_and_in_each_segment()
    {
        Assert.True(ObjectName.TryParse(new string('a', ObjectName.SegmentLengthMax), out _));
        Assert.False(ObjectName.TryParse(new string('a', ObjectName.SegmentLengthMax + 1), out _));
        Assert.True(ObjectName.TryParse(string.Join('/', Enumerable.Repeat(new string('a', 170), 3)), out var longest));
        Assert.Equal(ObjectName.LengthMax, longest.ToString().Length);
        Assert.False(ObjectName.TryParse(string.Join('/', Enumerable.Repeat(new string('a', 170), 3)) + "a", out _));
    }

    [Fact]
    public void A_name_that_was_never_set_is_not_used() => Assert.Throws<InvalidOperationException>(() => default(ObjectName).ToString());

    [Fact]
    public void Whatever_text_is_a_name_stays_below_the_directory_that_it_is_joined_to() =>
        Gen.Char["abAB09._-/\\ \n~é"].Array[0, 30].Select(text => new string(text)).Sample(text =>
        {
            if (ObjectName.TryParse(text, out _))
            {
                Assert.Equal($"/repository/{text}", Path.GetFullPath(Path.Join("/repository", text)));
            }
        });
}
