using System.Text.Json;
using TKA.Cli.Errors;
using TKA.Cli.Terminal;
using TKA.Contracts;
using TKA.Contracts.Kubeconfig;

namespace TKA.Cli.Credentials;

/// <summary>The protocol between kubectl and its credential plugin, on standard output.</summary>
internal static class ExecCredentialWriter
{
    /// <summary>Variable in which kubectl says what it wants.</summary>
    public const string Variable = "KUBERNETES_EXEC_INFO";

    /// <summary>The API version to answer in: the one asked for; v1 when the variable is missing.</summary>
    /// <exception cref="CliException">It asks for one that is not spoken here.</exception>
    public static string RequestedVersion()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } info)
        {
            return ExecCredential.V1;
        }

        string? version = null;
        try
        {
            using var document = JsonDocument.Parse(info);
            version = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("apiVersion", out var value) ? value.GetString() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Reported below like any other text that is no version.
        }

        return version is ExecCredential.V1 or ExecCredential.V1Beta1
            ? version
            : throw new CliException(
                ErrorCodes.Usage,
                ExitCode.Usage,
                $"{Variable} asks for '{version ?? "nothing"}', which tka does not speak.",
                [$"Use {ExecCredential.V1} in the kubeconfig; tka login --merge writes it."]);
    }

    /// <summary>Writes the credential to standard output, and nothing else.</summary>
    /// <exception cref="CliException">There is no room for it.</exception>
    public static void Write(string version, CachedToken token)
    {
        using var buffer = new MemoryStream();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("apiVersion", version);
        writer.WriteString("kind", "ExecCredential");
        writer.WriteStartObject("status");
        writer.WriteString("expirationTimestamp", UtcTimeConverter.ToText(token.Expires));
        writer.WriteString("token", token.Token);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        CliConsole.WriteRaw(buffer.ToArray());
    }
}
