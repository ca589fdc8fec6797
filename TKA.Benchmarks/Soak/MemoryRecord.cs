using System.Globalization;

namespace TKA.Benchmarks.Soak;

/// <summary>A component's memory over time.</summary>
internal sealed class MemoryRecord(Component component)
{
    /// <summary>Living objects may be this many times as much at the end as in the second quarter: sessions come and go while it is measured.</summary>
    private const double Flat = 1.15;

    private readonly List<(long Living, long Resident)> _samples = [];

    /// <summary>Takes a sample, unless the component is not there at the moment.</summary>
    public async Task TakeAsync()
    {
        if (await component.MemoryAsync() is { } sample)
        {
            _samples.Add(sample);
        }
    }

    /// <summary>Whether the last quarter is as the second; prints both.</summary>
    public bool Report()
    {
        var quarter = _samples.Count / 4;
        if (quarter == 0)
        {
            Console.WriteLine($"{component.Kind,-14} too few samples");
            return false;
        }

        var (before, after) = (Middle(_samples.Skip(quarter).Take(quarter)), Middle(_samples.TakeLast(quarter)));
        var flat = after.Living <= before.Living * Flat;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{component.Kind,-14} living objects {before.Living / 1048576.0,6:0.0} MB in the second quarter, {after.Living / 1048576.0,6:0.0} MB in the last ({(double)after.Living / before.Living:0.00}x); process {before.Resident / 1048576.0:0} and {after.Resident / 1048576.0:0} MB{(flat ? "" : "  GROWS")}"));
        return flat;
    }

    private static (long Living, long Resident) Middle(IEnumerable<(long Living, long Resident)> samples)
    {
        var all = samples.ToArray();
        return (all.Select(sample => sample.Living).Order().ElementAt(all.Length / 2), all.Select(sample => sample.Resident).Order().ElementAt(all.Length / 2));
    }
}
