namespace TKA.State;

/// <summary>A document as it was read.</summary>
/// <param name="Value">Its content; <see langword="null"/> when it is unreadable, which callers treat as absent.</param>
/// <param name="ETag">The version to write or delete it at.</param>
public sealed record Stored<T>(T? Value, string ETag)
    where T : class;
