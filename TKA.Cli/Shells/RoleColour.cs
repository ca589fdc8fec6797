namespace TKA.Cli.Shells;

/// <summary>The colour of a role in a prompt, so that nobody types into the wrong window.</summary>
internal static class RoleColour
{
    private static readonly string[] Reading = ["view", "read", "get", "list", "audit"];

    /// <summary>An ANSI colour code: red for administration, yellow for roles that change things, <c>-</c> for roles that by their name only read, and where NO_COLOR is set.</summary>
    public static string Of(string role) =>
        Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } ? "-"
        : role.Contains("admin", StringComparison.OrdinalIgnoreCase) ? "31"
        : Reading.Any(word => role.Contains(word, StringComparison.OrdinalIgnoreCase)) ? "-"
        : "33";
}
