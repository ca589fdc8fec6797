using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TKA.Kubernetes.Serialization;

namespace TKA.Kubernetes.Client;

/// <summary>Reads a watch: one JSON object per line, like <c>{"type":"ADDED","object":{...}}</c>, parsed from the receive buffer without copying it into text.</summary>
internal static class WatchStream
{
    public static async IAsyncEnumerable<WatchEvent<T>> ReadAsync<T>(
        HttpResponseMessage response,
        JsonTypeInfo<T> json,
        string description,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024));
        try
        {
            while (true)
            {
                ReadResult result;
                try
                {
                    result = await reader.ReadAsync(cancellationToken);
                }
                catch (Exception exception) when (KubernetesTransport.IsCancellation(exception, cancellationToken))
                {
                    throw new OperationCanceledException(exception.Message, exception, cancellationToken);
                }
                catch (Exception exception) when (KubernetesTransport.IsTransportFailure(exception, cancellationToken))
                {
                    throw KubernetesErrors.FromTransport(description, exception);
                }

                var buffer = result.Buffer;
                while (TryReadLine(ref buffer, out var line))
                {
                    if (!line.IsEmpty)
                    {
                        yield return Parse(line, json, description);
                    }
                }

                // A stream cut in the middle of a line: what is left is not an event.
                reader.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                {
                    yield break;
                }
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static bool TryReadLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }

        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    private static WatchEvent<T> Parse<T>(in ReadOnlySequence<byte> line, JsonTypeInfo<T> json, string description)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            ResourceEventType? type = null;
            var isError = false;
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("type"u8))
                {
                    reader.Read();
                    isError = reader.ValueTextEquals("ERROR"u8);
                    type = isError ? null : ReadType(ref reader);
                }
                else if (reader.ValueTextEquals("object"u8) && (type is not null || isError))
                {
                    reader.Read();
                    if (isError)
                    {
                        throw KubernetesErrors.FromStatus(description, JsonSerializer.Deserialize(ref reader, KubernetesJsonContext.Type<StatusBody>()) ?? new StatusBody());
                    }

                    return new WatchEvent<T>(type!.Value, JsonSerializer.Deserialize(ref reader, json)!);
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
        }
        catch (JsonException exception)
        {
            throw new KubernetesRequestException(KubernetesError.Other, $"{description}: unreadable event: {exception.Message}", exception);
        }

        throw new KubernetesRequestException(KubernetesError.Other, $"{description}: an event without type or object.");
    }

    private static ResourceEventType ReadType(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("ADDED"u8) ? ResourceEventType.Added
        : reader.ValueTextEquals("MODIFIED"u8) ? ResourceEventType.Modified
        : reader.ValueTextEquals("DELETED"u8) ? ResourceEventType.Deleted
        : reader.ValueTextEquals("BOOKMARK"u8) ? ResourceEventType.Bookmark
        : throw new JsonException($"event type {reader.GetString()}");
}
