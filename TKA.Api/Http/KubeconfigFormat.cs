using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace TKA.Api.Http;

/// <summary>Chooses between the JSON and the YAML form of a kubeconfig.</summary>
internal static class KubeconfigFormat
{
    /// <summary>Media type of RFC 9512.</summary>
    public const string Yaml = "application/yaml";

    /// <summary>Media type of JSON.</summary>
    public const string Json = "application/json";

    private static readonly string[] YamlNames = [Yaml, "text/yaml", "application/x-yaml", "text/x-yaml"];

    /// <summary>
    /// Whether YAML is preferred: it is named in <c>Accept</c> and JSON is not preferred to it by quality or, at equal
    /// quality, by order. Anything else, unreadable headers included, gets JSON, as from the Go TKA.
    /// </summary>
    public static bool PrefersYaml(StringValues accept)
    {
        if (!MediaTypeHeaderValue.TryParseList(accept, out var types))
        {
            return false;
        }

        var (yaml, json) = (Preference.None, Preference.None);
        for (var i = 0; i < types.Count; i++)
        {
            var candidate = new Preference(types[i].Quality ?? 1, i);
            if (YamlNames.Any(name => types[i].MediaType.Equals(name, StringComparison.OrdinalIgnoreCase)))
            {
                yaml = yaml.Better(candidate);
            }
            else if (types[i].MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase))
            {
                json = json.Better(candidate);
            }
        }

        return yaml.Quality > 0 && (yaml.Quality > json.Quality || (yaml.Quality == json.Quality && yaml.Position < json.Position));
    }

    private readonly record struct Preference(double Quality, int Position)
    {
        public static Preference None => new(0, int.MaxValue);

        public Preference Better(Preference other) => other.Quality > Quality ? other : this;
    }
}
