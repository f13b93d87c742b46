using System.Globalization;
using System.Text;

namespace BackupSidecar.Benchmarks;

/// <summary>The table of figures: what was wanted, what was measured, whether it is met.</summary>
internal sealed class Report
{
    private readonly List<string> _facts = [];
    private readonly List<string[]> _rows = [];

    public void AddFact(string fact) => _facts.Add(fact);

    /// <summary>A figure without a goal, such as a peer's own time.</summary>
    public void Add(string figure, string measured, string range) => _rows.Add([figure, "", measured, range, "", ""]);

    /// <summary>A figure that must not be above its goal.</summary>
    public void Add(string figure, string goal, string measured, string range, string ratio, bool isMet) =>
        _rows.Add([figure, goal, measured, range, ratio, isMet ? "yes" : "**no**"]);

    /// <summary>Seconds that must not be above a factor of a peer's.</summary>
    public void AddRatio(string figure, Samples ours, string peerName, Samples peer, double factorMax)
    {
        if (ours.IsEmpty || peer.IsEmpty)
        {
            Add(figure, $"≤ {Text(factorMax, "0.##")} × {peerName}", "not measured", "", "", isMet: false);
            return;
        }

        var ratio = ours.Median / peer.Median;
        Add(figure, $"≤ {Text(factorMax, "0.##")} × {peerName}", $"{Text(ours.Median, "0.00")} s", ours.Range("0.00"), Text(ratio, "0.00"), ratio <= factorMax);
    }

    /// <summary>A value that must not be above a limit in its own unit.</summary>
    public void AddLimit(string figure, Samples values, double limit, string unit, string format)
    {
        var isMet = !values.IsEmpty && values.Median <= limit;
        var measured = values.IsEmpty ? "not measured" : $"{Text(values.Median, format)} {unit}";
        Add(figure, $"≤ {Text(limit, "0.##")} {unit}", measured, values.IsEmpty ? "" : values.Range(format), "", isMet);
    }

    public static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    public override string ToString()
    {
        var text = new StringBuilder();
        _facts.ForEach(fact => text.AppendLine(CultureInfo.InvariantCulture, $"- {fact}"));
        text.AppendLine().AppendLine("| figure | goal | median | range | ratio | met |").AppendLine("|---|---|---|---|---|---|");
        _rows.ForEach(row => text.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row)} |"));
        return text.ToString();
    }
}
