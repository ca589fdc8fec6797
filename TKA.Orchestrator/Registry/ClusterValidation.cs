using System.Buffers.Text;
using System.Net;
using System.Text.RegularExpressions;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Selectors;

namespace TKA.Orchestrator.Registry;

/// <summary>
/// What a registration must look like. People's tools follow these URLs and print these texts, so nothing goes in that
/// could mislead either.
/// </summary>
internal static partial class ClusterValidation
{
    private const int LongestUrl = 2048;
    private const int LongestDescription = 1024;
    private const int LongestVersion = 64;
    private const int LongestCa = 128 * 1024;
    private const int MostLabels = 64;

    /// <summary>Whether a text can name a cluster.</summary>
    public static bool IsName(string text) => DnsLabel().IsMatch(text);

    /// <summary>Everything wrong, each as <c>field: what and how to fix it</c>.</summary>
    public static IReadOnlyList<string> Check(Cluster cluster)
    {
        var errors = new List<string>();
        if (!IsName(cluster.Name))
        {
            errors.Add("name: must be a DNS label: lower-case letters, digits and hyphens, at most 63, beginning and ending with a letter or digit.");
        }

        CheckUrl(errors, "api_endpoint", cluster.ApiEndpoint, required: true, httpsOnly: true);
        CheckUrl(errors, "tka_endpoint", cluster.TkaEndpoint, required: false, httpsOnly: false);
        CheckText(errors, "description", cluster.Description, LongestDescription);
        CheckText(errors, "version", cluster.Version, LongestVersion);
        CheckText(errors, "kubernetes_version", cluster.KubernetesVersion ?? "", LongestVersion);
        if (cluster.CaData is { } ca && (ca.Length > LongestCa || !Base64.IsValid(ca)))
        {
            errors.Add($"ca_data: is no base64, or longer than {LongestCa} characters.");
        }

        if (cluster.Labels.Count > MostLabels)
        {
            errors.Add($"labels: at most {MostLabels}.");
        }

        foreach (var (key, value) in cluster.Labels.Take(MostLabels))
        {
            if (LabelSyntax.CheckKey(key) is { } keyError)
            {
                errors.Add($"labels: {keyError}");
            }
            else if (value is null)
            {
                errors.Add($"labels[{key}]: is null; leave the label out or give it a value.");
            }
            else if (LabelSyntax.CheckValue(value) is { } valueError)
            {
                errors.Add($"labels[{key}]: {valueError}");
            }
        }

        return errors;
    }

    private static void CheckUrl(List<string> errors, string field, string text, bool required, bool httpsOnly)
    {
        if (text.Length == 0)
        {
            if (required)
            {
                errors.Add($"{field}: is missing; give the URL, like https://cluster.example.com:6443.");
            }

            return;
        }

        if (text.Length > LongestUrl || text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            errors.Add($"{field}: is no absolute URL.");
        }
        else if (url.Scheme != Uri.UriSchemeHttps && !(url.Scheme == Uri.UriSchemeHttp && (!httpsOnly || IsLoopback(url))))
        {
            errors.Add($"{field}: must be {(httpsOnly ? "https" : "https or http")}, not {url.Scheme}.");
        }
        else if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            errors.Add($"{field}: must not hold a user, a query or a fragment.");
        }
    }

    private static bool IsLoopback(Uri url) => IPAddress.TryParse(url.Host, out var address) && IPAddress.IsLoopback(address);

    private static void CheckText(List<string> errors, string field, string text, int longest)
    {
        if (text.Length > longest)
        {
            errors.Add($"{field}: is longer than {longest} characters.");
        }
        else if (text.Any(char.IsControl))
        {
            errors.Add($"{field}: holds control characters.");
        }
    }

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex DnsLabel();
}
