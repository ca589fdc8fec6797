namespace TKA.Kubernetes.Caching;

/// <summary>How a <see cref="ResourceInformer{T}"/> behaves.</summary>
public sealed record ResourceInformerOptions
{
    /// <summary>Restricts the set by labels; <see langword="null"/>: all.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>
    /// The server ends a watch after this time, plus up to as much again at random so that not all end together. Default 20 s: the right to
    /// watch, and the namespace or kind that is watched, are looked at only when a watch is opened, and their loss is to show within a minute.
    /// </summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// A watch on which nothing arrives for this long, not even a bookmark (the API server sends one about every minute), is
    /// presumed dead and reopened from the last version. Default 150 s.
    /// </summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(150);

    /// <summary>First delay after a failure; doubles, with jitter. Default 250 ms.</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest delay between tries. Default 30 s.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Longest delay while there is no answer at all: a cluster that comes back is to be noticed within two seconds, and the connection
    /// that is refused until then costs it nothing. Default 1.5 s.
    /// </summary>
    public TimeSpan MaxBackoffUnanswered { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>
    /// For what must not go unnoticed for long: watches that the server ends after some seconds, so that one on which nothing comes,
    /// neither an event nor its end, is known to be stalled after <see cref="PromptSilenceLimit"/>. Pings cannot tell that: a proxy
    /// that holds back one stream still answers them. It costs one cheap request (a watch resumed, never a list) every 6 s or so.
    /// </summary>
    public ResourceInformerOptions Prompt() => this with
    {
        WatchTimeout = TimeSpan.FromSeconds(4),
        SilenceLimit = SilenceLimit < PromptSilenceLimit ? SilenceLimit : PromptSilenceLimit,
    };

    /// <summary>Longer than a prompt watch lives, and short enough for what must be done within 15 s.</summary>
    public static TimeSpan PromptSilenceLimit { get; } = TimeSpan.FromSeconds(10);
}
