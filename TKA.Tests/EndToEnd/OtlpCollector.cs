using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TKA.Tests.EndToEnd;

/// <summary>A collector for OTLP over HTTP: takes what the services' own exporters send, and keeps the spans.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Span> _spans = [];

    private OtlpCollector(WebApplication app) => _app = app;

    /// <summary>Settings that make a service export here, soon.</summary>
    public IReadOnlyDictionary<string, string?> SettingsFor(string service) => new Dictionary<string, string?>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _app.Urls.Single(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_SERVICE_NAME"] = service,
    };

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var collector = new OtlpCollector(app);
        app.MapPost("/v1/traces", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            collector.Take(body.ToArray());
            return Results.Ok();
        });
        app.MapPost("/v1/{other}", (string other) => Results.Ok());
        await app.StartAsync();
        return collector;
    }

    /// <summary>The spans of a trace so far. Services of one process export each other's as well; each span is one all the same.</summary>
    public IReadOnlyList<Span> Trace(string traceId) => [.. _spans.Values.Where(span => span.TraceId == traceId)];

    /// <summary>All traces so far, by their ids.</summary>
    public ILookup<string, Span> Traces => _spans.Values.ToLookup(span => span.TraceId, StringComparer.Ordinal);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    // opentelemetry/proto/trace/v1/trace.proto: request 1 → resource_spans 2 → scope_spans 2 → span; span: 1 trace_id, 2 span_id,
    // 4 parent_span_id, 5 name, 6 kind, 9 attributes (1 key, 2 value (1 string)), 15 status (3 code, 2 is an error).
    private void Take(ReadOnlyMemory<byte> request)
    {
        foreach (var bytes in Protobuf.Children(request, 1).SelectMany(resource => Protobuf.Children(resource, 2)).SelectMany(scope => Protobuf.Children(scope, 2)))
        {
            var span = new Span(Hex(bytes, 1), Hex(bytes, 2), Hex(bytes, 4), Text(bytes, 5), (SpanKind)Protobuf.Number(bytes, 6))
            {
                IsError = Protobuf.Children(bytes, 15).Any(status => Protobuf.Number(status, 3) == 2),
                Attributes = Protobuf.Children(bytes, 9)
                    .Select(pair => (Key: Text(pair, 1), Value: Protobuf.Children(pair, 2).Select(value => Text(value, 1)).FirstOrDefault("")))
                    .DistinctBy(pair => pair.Key)
                    .ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal),
            };
            _spans[span.SpanId] = span;
        }
    }

    private static string Hex(ReadOnlyMemory<byte> message, int field) =>
        Protobuf.Children(message, field).Select(bytes => Convert.ToHexStringLower(bytes.Span)).FirstOrDefault("");

    private static string Text(ReadOnlyMemory<byte> message, int field) =>
        Protobuf.Children(message, field).Select(bytes => Encoding.UTF8.GetString(bytes.Span)).FirstOrDefault("");

    /// <summary>What a span says of itself.</summary>
    internal sealed record Span(string TraceId, string SpanId, string ParentId, string Name, SpanKind Kind)
    {
        public required IReadOnlyDictionary<string, string> Attributes { get; init; }

        /// <summary>Whether a trace view shows it in red.</summary>
        public bool IsError { get; init; }

        /// <summary>The address of a request, whichever attribute has it.</summary>
        public string Target => Attributes.GetValueOrDefault("url.path") ?? Attributes.GetValueOrDefault("url.full") ?? "";
    }

    /// <summary>Kinds, by their numbers on the wire.</summary>
    internal enum SpanKind
    {
        None = 0,
        Internal = 1,
        Server = 2,
        Client = 3,
    }

    /// <summary>As much of the wire format as spans need.</summary>
    private static class Protobuf
    {
        public static IEnumerable<ReadOnlyMemory<byte>> Children(ReadOnlyMemory<byte> message, int field) =>
            Fields(message).Where(item => item.Field == field && item.Number is null).Select(item => item.Bytes);

        public static ulong Number(ReadOnlyMemory<byte> message, int field) =>
            Fields(message).Where(item => item.Field == field).Select(item => item.Number ?? 0).FirstOrDefault();

        private static IEnumerable<(int Field, ulong? Number, ReadOnlyMemory<byte> Bytes)> Fields(ReadOnlyMemory<byte> message)
        {
            var at = 0;
            while (at < message.Length)
            {
                var tag = Varint(message.Span, ref at);
                var field = (int)(tag >> 3);
                switch (tag & 7)
                {
                    case 0:
                        yield return (field, Varint(message.Span, ref at), default);
                        break;
                    case 1:
                        at += 8;
                        break;
                    case 2:
                        var length = (int)Varint(message.Span, ref at);
                        yield return (field, null, message.Slice(at, length));
                        at += length;
                        break;
                    case 5:
                        at += 4;
                        break;
                    default:
                        throw new InvalidDataException($"Wire type {tag & 7}.");
                }
            }
        }

        private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
        {
            ulong value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = bytes[at++];
                value |= (ulong)(next & 0x7f) << shift;
                if (next < 0x80)
                {
                    return value;
                }
            }
        }
    }
}
