using TKA.Contracts;
using TKA.Web.Components;

namespace TKA.Web.Access;

/// <summary>The lengths of a session to choose from.</summary>
internal static class Periods
{
    private static readonly TimeSpan[] Usual =
    [
        TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(4), TimeSpan.FromHours(8), TimeSpan.FromHours(12),
    ];

    /// <summary>What a rule grants, which is asked for by an empty value, and what is shorter, longest first.</summary>
    public static IEnumerable<(string Value, string Text)> Of(TimeSpan granted) =>
    [
        ("", $"For {Moment.Length(granted)}"),
        .. Usual.Where(period => period < granted).OrderDescending().Select(period => (GoDuration.Format(period), $"For {Moment.Length(period)}")),
    ];
}
