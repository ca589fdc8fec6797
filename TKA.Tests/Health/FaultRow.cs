namespace TKA.Tests.Health;

/// <summary>What a component says about a fault: a row of the tables in docs/operator-reference.md, and what a test sees when it injects the fault.</summary>
/// <param name="Fault">The fault, in words.</param>
/// <param name="Ready">Status of <c>/readyz</c>.</param>
/// <param name="Check">The check that tells.</param>
/// <param name="Word">What its line says: <c>failed</c>, <c>degraded</c> or <c>ok</c>.</param>
/// <param name="Says">Part of its text.</param>
/// <param name="Log">Part of a line in the log.</param>
/// <param name="Metrics">Metrics that are over 0 then, beside <c>tka_readiness</c>.</param>
public sealed record FaultRow(string Fault, int Ready, string Check, string Word, string Says, string Log, params string[] Metrics)
{
    /// <summary>Whether <c>/readyz</c>, status code first, tells of the fault.</summary>
    public bool IsToldBy(string readiness) =>
        readiness.StartsWith($"{Ready}", StringComparison.Ordinal)
        && readiness.Split('\n').Any(line => line.Contains($"]{Check} {Word}", StringComparison.Ordinal) && line.Contains(Says, StringComparison.Ordinal));

    /// <summary>The value of <c>tka_readiness</c> for the check.</summary>
    public int Readiness => Word switch { "ok" => 2, "degraded" => 1, _ => 0 };

    /// <summary>The row in Markdown.</summary>
    public string ToMarkdown() =>
        $"| {Fault} | {Ready} | `{Check}` {Word}: {Says} | {string.Join(", ", Metrics.Select(metric => $"`{metric}`"))} | {Log} |";
}
