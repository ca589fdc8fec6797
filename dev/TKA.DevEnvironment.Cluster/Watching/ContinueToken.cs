using System.Globalization;
using System.Text;
using TKA.DevEnvironment.Cluster.Http;

namespace TKA.DevEnvironment.Cluster.Watching;

/// <summary>Where the next page of a list starts, and as of which revision. Opaque to clients.</summary>
internal readonly record struct ContinueToken(long Revision, string Namespace, string Name)
{
    /// <summary>As sent to the client.</summary>
    public string Encode() =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Revision}\n{Namespace}\n{Name}")));

    /// <summary>Reads a token.</summary>
    /// <exception cref="StatusException">400: not one of ours.</exception>
    public static ContinueToken Decode(string text)
    {
        var buffer = new byte[text.Length];
        if (Convert.TryFromBase64String(text, buffer, out var length)
            && Encoding.UTF8.GetString(buffer, 0, length).Split('\n') is [var revision, var @namespace, var name]
            && long.TryParse(revision, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return new ContinueToken(number, @namespace, name);
        }

        throw Statuses.BadRequest("continue key is not valid: it was not given out by this server");
    }
}
