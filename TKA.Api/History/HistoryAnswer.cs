using TKA.Contracts.Operator;

namespace TKA.Api.History;

/// <summary>What there is to show of the history.</summary>
/// <param name="History">One page; <see langword="null"/>: none can be shown.</param>
/// <param name="Problem">Why, for people; <see langword="null"/> with a page.</param>
internal sealed record HistoryAnswer(SessionHistory? History, string? Problem);

/// <summary>Which part of the history is asked for.</summary>
/// <param name="User">Full login name; empty: everybody.</param>
/// <param name="Role">ClusterRole; empty: every role.</param>
/// <param name="From">First day; <see langword="null"/>: the day before the last moment.</param>
/// <param name="To">Last day; <see langword="null"/>: today.</param>
/// <param name="Continue">From the answer before; empty: the first page.</param>
internal sealed record HistoryQuery(string User, string Role, DateOnly? From, DateOnly? To, string Continue);
