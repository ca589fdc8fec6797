using System.Text.Encodings.Web;
using System.Text.Json;
using TKA.Contracts.Rest;

namespace TKA.Web.Layout;

/// <summary>A person whom no grant in the tailnet policy gives anything here.</summary>
public sealed record NoGrantModel
{
    // The text is encoded where it is written into a page; escapes of JSON's own would only make the policy harder to read.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The caller.</summary>
    public required PersonModel Person { get; init; }

    /// <summary>The refusal, as the API gives it.</summary>
    public required Problem Problem { get; init; }

    /// <summary>Name of the capability that a grant has to give.</summary>
    public required string Capability { get; init; }

    /// <summary>What this server is for: a cluster's name, or <c>Clusters</c>.</summary>
    public required string Place { get; init; }

    /// <summary>A grant to propose to whoever edits the policy. <c>dst</c> is TKA's usual tag; it has to cover the server's node.</summary>
    internal string Grant =>
        $$"""
        {
          "src": [{{Quoted(Person.Login)}}],
          "dst": ["tag:tka"],
          "app": {{{Quoted(Capability)}}: [{"role": "view", "period": "8h"}]}
        }
        """;

    private static string Quoted(string text) => JsonSerializer.Serialize(text, Readable);
}
