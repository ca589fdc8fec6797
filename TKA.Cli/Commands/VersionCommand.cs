using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using TKA.Cli.Client;
using TKA.Cli.Configuration;
using TKA.Cli.Errors;
using TKA.Cli.Output;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary><c>tka version</c>: of this program, and of the server when it is reachable.</summary>
internal sealed class VersionCommand : CliCommand
{
    private static readonly TimeSpan ServerLimit = TimeSpan.FromSeconds(2);
    private readonly Option<bool> _client = new("--client") { Description = "Do not ask the server." };

    public VersionCommand()
        : base("version", "Show the version of tka and of the server.") => Options.Add(_client);

    protected override bool Tidies => false;

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var output = new VersionOutput
        {
            Client = ClientVersion.Number,
            Platform = RuntimeInformation.RuntimeIdentifier,
        };
        if (!context.Parse.GetValue(_client))
        {
            output = await AskServerAsync(context, output, cancellationToken);
        }

        switch (context.Console.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                context.Console.WriteValue(output, CliJsonContext.Indented.VersionOutput);
                break;
            case OutputFormat.Name:
                CliConsole.WriteLine(output.Client);
                break;
            default:
                CliConsole.WriteLine($"Client: {output.Client} ({output.Platform})");
                if (output.ServerUrl is not null)
                {
                    CliConsole.WriteLine($"Server: {output.Server ?? "unknown version"} ({output.ServerUrl})");
                }

                break;
        }

        return ExitCode.Success;
    }

    private static async Task<VersionOutput> AskServerAsync(CommandContext context, VersionOutput output, CancellationToken cancellationToken)
    {
        try
        {
            using var transport = context.CreateTransport(ServerAddress.ForApi(context.Configuration, context.NamedServer));
            var answer = await transport.SendAsync(HttpMethod.Get, "/openapi/v1.json", limit: ServerLimit, cancellationToken: cancellationToken);
            return output with { ServerUrl = transport.Server.ToString(), Server = answer.IsSuccess ? ReadVersion(answer) : null };
        }
        catch (CliException exception)
        {
            context.Console.Info($"Server: {exception.Message}");
            return output;
        }
    }

    private static string? ReadVersion(HttpAnswer answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer.Body);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("info", out var info)
                && info.ValueKind == JsonValueKind.Object
                && info.TryGetProperty("version", out var version)
                    ? SafeText.Clean(version.ToString())
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
