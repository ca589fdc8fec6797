using System.Globalization;
using System.Net.Http.Headers;

namespace TKA.Cli.Client;

/// <summary>
/// Sends the span of a run, the root of its trace, to the collector that OpenTelemetry's environment variables name. Without them, or
/// with another protocol than HTTP, nothing is sent.
/// </summary>
internal static class TraceExport
{
    private const string Binary = "http/protobuf";

    /// <summary>A collector that does not answer delays the end of a run by no more than this.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>Whether the environment names a collector.</summary>
    public static bool IsConfigured => Endpoint is not null;

    private static Uri? Endpoint
    {
        get
        {
            var traces = Variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
            var all = Variable("OTEL_EXPORTER_OTLP_ENDPOINT");
            var text = traces ?? (all is null ? null : $"{all.TrimEnd('/')}/v1/traces");
            var protocol = Variable("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") ?? Variable("OTEL_EXPORTER_OTLP_PROTOCOL") ?? Binary;
            return protocol == Binary && Variable("OTEL_SDK_DISABLED") is not "true"
                && Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https"
                ? endpoint
                : null;
        }
    }

    /// <summary>Sends the span of this run, if it sent a request and a collector is configured. A collector that does not take it changes nothing about the run.</summary>
    /// <param name="name">Name of the span: <c>tka login</c>.</param>
    /// <param name="began">When the run began.</param>
    /// <param name="ended">When it ended.</param>
    /// <param name="exitCode">Its exit code; another than 0 marks the span as failed.</param>
    public static async Task SendAsync(string name, DateTimeOffset began, DateTimeOffset ended, int exitCode)
    {
        if (!TraceContext.IsUsed || Endpoint is not { } endpoint)
        {
            return;
        }

        using var content = new ByteArrayContent(Request(TraceContext.OfThisRun, name, began, ended, exitCode));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = content };
        foreach (var pair in (Variable("OTEL_EXPORTER_OTLP_HEADERS") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (pair.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
            {
                request.Headers.TryAddWithoutValidation(pair[..at].Trim(), Uri.UnescapeDataString(pair[(at + 1)..].Trim()));
            }
        }

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout };
        try
        {
            using var answer = await http.SendAsync(request);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            // Telemetry never changes what a command does or says.
        }
    }

    // opentelemetry/proto/collector/trace/v1/trace_service.proto and trace/v1/trace.proto; the numbers are those of the fields.
    private static byte[] Request(TraceContext trace, string name, DateTimeOffset began, DateTimeOffset ended, int exitCode)
    {
        var span = new OtlpMessage()
            .Bytes(1, Convert.FromHexString(trace.TraceId))
            .Bytes(2, Convert.FromHexString(trace.SpanId))
            .Bytes(4, Convert.FromHexString(trace.ParentId))
            .Text(5, name)
            .Number(6, 1)
            .Fixed(7, Nanoseconds(began))
            .Fixed(8, Nanoseconds(ended))
            .Message(9, Attribute("process.exit.code", new OtlpMessage().Number(3, (ulong)exitCode)));
        if (exitCode != 0)
        {
            span.Message(15, new OtlpMessage().Text(2, string.Create(CultureInfo.InvariantCulture, $"exit code {exitCode}")).Number(3, 2));
        }

        var resource = new OtlpMessage()
            .Message(1, Attribute("service.name", new OtlpMessage().Text(1, "tka")))
            .Message(1, Attribute("service.version", new OtlpMessage().Text(1, ClientVersion.Number)));
        var scope = new OtlpMessage().Message(1, new OtlpMessage().Text(1, "TKA.Cli")).Message(2, span);
        return new OtlpMessage().Message(1, new OtlpMessage().Message(1, resource).Message(2, scope)).ToArray();
    }

    private static OtlpMessage Attribute(string key, OtlpMessage value) => new OtlpMessage().Text(1, key).Message(2, value);

    private static ulong Nanoseconds(DateTimeOffset time) => (ulong)(time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
