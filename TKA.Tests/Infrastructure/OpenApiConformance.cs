using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TKA.Contracts;
using Xunit;

namespace TKA.Tests.Infrastructure;

/// <summary>
/// Compares each answer that passes through with what <c>/openapi/v1.json</c> says about it: path, method, status, media
/// type, headers and the whole body. An answer that the document does not foresee fails the test that caused it.
/// </summary>
public sealed class OpenApiConformance(JsonNode document) : DelegatingHandler
{
    private const string ApiBase = "/api/v1alpha1";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        Check(request, response, body);
        return response;
    }

    private void Check(HttpRequestMessage request, HttpResponseMessage response, string body)
    {
        var path = request.RequestUri!.AbsolutePath;
        var operation = Operation(path, request.Method.Method);
        if (operation is null)
        {
            // Nothing is documented there, so nothing may be answered but a problem.
            Assert.True((int)response.StatusCode >= 400, $"{request.Method} {path} answered {(int)response.StatusCode} and is not in the OpenAPI document");
            return;
        }

        var what = $"{request.Method} {path} → {(int)response.StatusCode}";
        var status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        var documented = operation["responses"]?[status];
        Assert.True(documented is not null, $"{what}: this status is not in the OpenAPI document. Body: {body}");
        if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
        {
            Assert.True(response.Headers.RetryAfter is not null, $"{what}: no Retry-After");
        }

        var content = documented!["content"]?.AsObject();
        if (content is null || content.Count == 0)
        {
            Assert.True(body.Length == 0, $"{what}: a body where none is documented");
            return;
        }

        var mediaType = response.Content.Headers.ContentType?.MediaType ?? "";
        Assert.True(content.ContainsKey(mediaType), $"{what}: media type {mediaType} is not documented");
        if (mediaType.EndsWith("json", StringComparison.Ordinal))
        {
            Validate(content[mediaType]!["schema"]!, JsonNode.Parse(body), what);
        }
    }

    private JsonNode? Operation(string path, string method)
    {
        foreach (var (template, item) in document["paths"]!.AsObject())
        {
            if (path.StartsWith(ApiBase, StringComparison.Ordinal)
                && Regex.IsMatch(path, "^" + Regex.Replace(template, @"\{[^}]+\}", "[^/]+") + "$"))
            {
                return item![method.ToLowerInvariant()];
            }
        }

        return null;
    }

    private void Validate(JsonNode schema, JsonNode? value, string at)
    {
        if (schema["$ref"]?.GetValue<string>() is { } reference)
        {
            Validate(document["components"]!["schemas"]![reference.Split('/')[^1]]!, value, at);
            return;
        }

        if (schema["oneOf"] is JsonArray choices)
        {
            if (choices.All(option => option!["type"]?.ToString() != "null"))
            {
                Assert.True(choices.Count(option => Record.Exception(() => Validate(option!, value, at)) is null) == 1, $"{at}: not exactly one of the documented forms");
                return;
            }

            // "Null or this" is generated.
            var choice = choices.Single(option => value is null == (option!["type"]?.ToString() == "null"));
            if (value is not null)
            {
                Validate(choice!, value, at);
            }

            return;
        }

        var types = schema["type"] is JsonArray array ? array.Select(type => type!.ToString()).ToArray() : [schema["type"]?.ToString() ?? ""];
        switch (value)
        {
            case null:
                Assert.True(types.Contains("null"), $"{at}: null is not allowed");
                break;
            case JsonObject obj:
                Assert.True(types.Contains("object"), $"{at}: an object where {string.Join('/', types)} is documented");
                ValidateObject(schema, obj, at);
                break;
            case JsonArray items:
                Assert.True(types.Contains("array"), $"{at}: a list where {string.Join('/', types)} is documented");
                foreach (var (i, item) in items.Index())
                {
                    Validate(schema["items"]!, item, $"{at}[{i}]");
                }

                break;
            default:
                ValidateScalar(schema, types, value, at);
                break;
        }
    }

    private void ValidateObject(JsonNode schema, JsonObject value, string at)
    {
        foreach (var name in schema["required"]?.AsArray() ?? [])
        {
            Assert.True(value.ContainsKey(name!.ToString()), $"{at}: {name} is missing");
        }

        var properties = schema["properties"]?.AsObject();
        foreach (var (name, member) in value)
        {
            var known = properties?[name] ?? schema["additionalProperties"];
            Assert.True(known is JsonObject, $"{at}: {name} is not documented");
            Validate(known!, member, $"{at}.{name}");
        }
    }

    private static void ValidateScalar(JsonNode schema, string[] types, JsonNode value, string at)
    {
        var kind = value.GetValueKind();
        var matches = kind switch
        {
            System.Text.Json.JsonValueKind.String => types.Contains("string"),
            System.Text.Json.JsonValueKind.Number => types.Contains("integer") || types.Contains("number"),
            _ => types.Contains("boolean"),
        };
        Assert.True(matches, $"{at}: {kind} where {string.Join('/', types)} is documented");
        if (kind != System.Text.Json.JsonValueKind.String)
        {
            return;
        }

        var text = value.GetValue<string>();
        if (schema["format"]?.ToString() == "date-time")
        {
            Assert.True(UtcTimeConverter.TryParse(text, out _), $"{at}: '{text}' is no time");
        }

        if (schema["pattern"]?.ToString() is { } pattern)
        {
            Assert.True(Regex.IsMatch(text, pattern), $"{at}: '{text}' does not match {pattern}");
        }
    }
}
