namespace TKA.DevEnvironment.Tailnet.Policy;

/// <summary>The commented example that a new data directory starts with.</summary>
internal static class DefaultPolicy
{
    /// <summary>Its text, from <c>policy.default.hujson</c>.</summary>
    public static string Text { get; } = Load();

    private static string Load()
    {
        using var stream = typeof(DefaultPolicy).Assembly.GetManifestResourceStream("policy.default.hujson")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
