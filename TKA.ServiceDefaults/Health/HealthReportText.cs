using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TKA.ServiceDefaults.Health;

/// <summary>
/// Health as text, the way kube-apiserver answers its probes: one word, or with <c>?verbose</c> (and whenever something is
/// wrong) one line per check.
/// </summary>
internal static class HealthReportText
{
    internal static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        var verbose = context.Request.Query.ContainsKey("verbose") || report.Status is not HealthStatus.Healthy;
        return context.Response.WriteAsync(
            verbose ? Describe(context.Request.Path, report) : "ok",
            context.RequestAborted);
    }

    /// <summary>Only names and descriptions: an exception's text may hold addresses or worse.</summary>
    private static string Describe(PathString path, HealthReport report)
    {
        var text = new StringBuilder();
        foreach (var (name, entry) in report.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            var (mark, word) = entry.Status switch
            {
                HealthStatus.Healthy => ("[+]", "ok"),
                HealthStatus.Degraded => ("[~]", "degraded"),
                _ => ("[-]", "failed"),
            };
            text.Append(mark).Append(name).Append(' ').Append(word);
            if (!string.IsNullOrEmpty(entry.Description))
            {
                text.Append(": ").Append(entry.Description);
            }

            text.Append('\n');
        }

        var verdict = report.Status is HealthStatus.Unhealthy ? "failed" : "passed";
        return text.Append(CultureInfo.InvariantCulture, $"{path.Value?.TrimStart('/')} check {verdict}\n").ToString();
    }
}
