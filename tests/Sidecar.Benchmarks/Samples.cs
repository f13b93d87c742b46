using System.Globalization;

namespace BackupSidecar.Benchmarks;

/// <summary>The measurements of one figure.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    public bool IsEmpty => _values.Count == 0;

    public int Count => _values.Count;

    public double Median => At(0.5);

    public double Min => _values.Min();

    public double Max => _values.Max();

    public void Add(double value) => _values.Add(value);

    public void Add(TimeSpan value) => _values.Add(value.TotalSeconds);

    /// <summary>The value below which this share of all lies; between two values their mean by distance.</summary>
    public double At(double share)
    {
        var sorted = _values.Order().ToList();
        var place = share * (sorted.Count - 1);
        var below = sorted[(int)Math.Floor(place)];
        return below + ((sorted[(int)Math.Ceiling(place)] - below) * (place - Math.Floor(place)));
    }

    public string Range(string format) =>
        $"{Min.ToString(format, CultureInfo.InvariantCulture)}–{Max.ToString(format, CultureInfo.InvariantCulture)}";
}
