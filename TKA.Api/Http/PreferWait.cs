using Microsoft.Extensions.Primitives;
using TKA.Contracts.Rest;

namespace TKA.Api.Http;

/// <summary>The <c>wait</c> preference of RFC 7240: how long the client is willing to wait for an answer.</summary>
internal static class PreferWait
{
    private const string PreferHeader = "Prefer";
    private const string PreferenceAppliedHeader = "Preference-Applied";

    /// <summary>
    /// Reads <c>Prefer: wait=N</c> and announces what was honoured in <c>Preference-Applied</c>.
    /// A preference is never an error: what cannot be read is ignored, more than <see cref="ApiRoutes.MaxWaitSeconds"/> is shortened.
    /// </summary>
    /// <returns>How long to hold a not-yet answer; zero without the preference.</returns>
    public static TimeSpan Apply(HttpContext context)
    {
        if (Parse(context.Request.Headers[PreferHeader]) is not { } seconds)
        {
            return TimeSpan.Zero;
        }

        context.Response.Headers[PreferenceAppliedHeader] = $"wait={seconds}";
        return TimeSpan.FromSeconds(seconds);
    }

    /// <summary>Seconds to wait, at most <see cref="ApiRoutes.MaxWaitSeconds"/>; <see langword="null"/> without a readable preference. The first one counts (RFC 7240, section 2).</summary>
    public static int? Parse(StringValues header)
    {
        foreach (var line in header)
        {
            foreach (var preference in (line ?? "").Split(','))
            {
                // Parameters after ';' belong to the preference and say nothing about waiting.
                var text = preference.AsSpan();
                var end = text.IndexOf(';');
                text = (end < 0 ? text : text[..end]).Trim();
                var equals = text.IndexOf('=');
                if (equals < 0 || !text[..equals].TrimEnd().Equals("wait", StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                return Seconds(text[(equals + 1)..].Trim().Trim('"'));
            }
        }

        return null;
    }

    private static int? Seconds(ReadOnlySpan<char> digits)
    {
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
        {
            return null;
        }

        // Too many digits for an integer is still a number, and more than the longest wait.
        return int.TryParse(digits, out var seconds) ? Math.Min(seconds, ApiRoutes.MaxWaitSeconds) : ApiRoutes.MaxWaitSeconds;
    }
}
