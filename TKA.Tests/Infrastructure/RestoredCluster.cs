using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.RegularExpressions;

namespace TKA.Tests.Infrastructure;

/// <summary>
/// Gives a client's TkaSignins lower versions than the cluster has, as after a restore of etcd from a backup; the client's requests get the
/// cluster's own versions again.
/// </summary>
/// <param name="back">By how much the versions are lower now; 0: they are the cluster's.</param>
internal sealed partial class RestoredCluster(Func<long> back) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.RequestUri!.AbsolutePath.Contains("/tkasignins", StringComparison.Ordinal))
        {
            return await base.SendAsync(request, cancellationToken);
        }

        request.RequestUri = new Uri(QueryVersion().Replace(request.RequestUri.AbsoluteUri, match => Shift(match, back())));
        if (request.Content is { } body)
        {
            request.Content = Copy(body, new StringContent(Version().Replace(await body.ReadAsStringAsync(cancellationToken), match => Shift(match, back()))));
        }

        var response = await base.SendAsync(request, cancellationToken);
        var pipe = new Pipe();
        _ = PumpAsync(await response.Content.ReadAsStreamAsync(cancellationToken), pipe.Writer);
        response.Content = Copy(response.Content, new StreamContent(pipe.Reader.AsStream()));
        return response;
    }

    /// <summary>Line by line: an event of a watch is one, and so is every other answer.</summary>
    private async Task PumpAsync(Stream from, PipeWriter to)
    {
        Exception? failure = null;
        try
        {
            using var reader = new StreamReader(from);
            while (await reader.ReadLineAsync() is { } line)
            {
                var shifted = Version().Replace(line, match => Shift(match, -back()));
                if ((await to.WriteAsync(Encoding.UTF8.GetBytes(shifted + "\n"))).IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
            failure = exception;
        }

        await to.CompleteAsync(failure);
    }

    private static HttpContent Copy(HttpContent from, HttpContent to)
    {
        to.Headers.ContentType = from.Headers.ContentType;
        return to;
    }

    private static string Shift(Match match, long by) =>
        match.Groups[1].Value + (long.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) + by).ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("(\"resourceVersion\": ?\")([0-9]+)")]
    private static partial Regex Version();

    [GeneratedRegex("([?&]resourceVersion=)([0-9]+)")]
    private static partial Regex QueryVersion();
}
