using TKA.Contracts.Operator;

namespace TKA.Web.Access;

/// <summary>A part of the history of sessions.</summary>
public sealed record HistoryModel
{
    /// <summary>The sessions, the newest first.</summary>
    public IReadOnlyList<RecordedSession> Items { get; init; } = [];

    /// <summary>Why there is nothing to show; <see langword="null"/>: the operator has answered.</summary>
    public string? Problem { get; init; }

    /// <summary>Login name asked for; empty: everybody.</summary>
    public required string User { get; init; }

    /// <summary>Role asked for; empty: every role.</summary>
    public required string Role { get; init; }

    /// <summary>First day asked for, as <c>2026-11-24</c>; empty: a day before the last moment.</summary>
    public required string From { get; init; }

    /// <summary>Last day asked for; empty: today.</summary>
    public required string To { get; init; }

    /// <summary>For the next page; <see langword="null"/>: this is the last.</summary>
    public string? Continue { get; init; }

    /// <summary>Whether this is a page after the first.</summary>
    public bool IsContinued { get; init; }

    /// <summary>The days that were asked for, as parameters of the page's address.</summary>
    internal IReadOnlyList<(string Name, string Value)> Days => [.. new[] { ("from", From), ("to", To) }.Where(day => day.Item2.Length > 0)];

    /// <summary>Whether days or a page have been chosen.</summary>
    public bool IsChosen => From.Length > 0 || To.Length > 0 || IsContinued;
}
