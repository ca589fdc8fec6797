namespace TKA.DevEnvironment.Shared;

/// <summary>The texts that are part of the program: tables, and the objects that every cluster starts with.</summary>
internal static class EmbeddedText
{
    /// <summary>Reads a text by its logical name in the project file.</summary>
    public static string Read(string name)
    {
        using var stream = typeof(EmbeddedText).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
