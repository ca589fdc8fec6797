namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>
/// The forms of names of the Kubernetes documentation ("Object Names and IDs", "Labels and Selectors"). Each rule returns null, or
/// what is wrong.
/// </summary>
internal static class NameRules
{
    /// <summary>Message for names that must be DNS subdomains.</summary>
    public const string SubdomainMessage =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string LabelMessage =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private const string QualifiedMessage =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private const string LabelValueMessage =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    /// <summary>RFC 1123 subdomain, at most 253 characters: most object names.</summary>
    public static string? Subdomain(string name)
    {
        if (name.Length > 253)
        {
            return "must be no more than 253 characters";
        }

        return name.Split('.').All(part => IsLabel(part)) ? null : SubdomainMessage;
    }

    /// <summary>RFC 1123 label, at most 63 characters: namespaces.</summary>
    public static string? Label(string name) =>
        name.Length > 63 ? "must be no more than 63 characters" : IsLabel(name) ? null : LabelMessage;

    /// <summary>RFC 1035 label: services; starts with a letter.</summary>
    public static string? Label1035(string name) =>
        name.Length > 63
            ? "must be no more than 63 characters"
            : IsLabel(name) && char.IsAsciiLetterLower(name[0])
                ? null
                : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    /// <summary>Path segment: RBAC names, which may hold colons and capitals.</summary>
    public static string? PathSegment(string name) => name switch
    {
        "." or ".." => $"may not be '{name}'",
        _ when name.Contains('/', StringComparison.Ordinal) => "may not contain '/'",
        _ when name.Contains('%', StringComparison.Ordinal) => "may not contain '%'",
        _ => null,
    };

    /// <summary>Label and annotation keys: an optional DNS prefix and a name of at most 63 characters.</summary>
    public static string? QualifiedName(string key)
    {
        var parts = key.Split('/');
        if (parts.Length > 2)
        {
            return "a qualified name " + QualifiedMessage["name part ".Length..] + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
        }

        if (parts.Length == 2)
        {
            if (parts[0].Length == 0)
            {
                return "prefix part must be non-empty";
            }

            if (Subdomain(parts[0]) is { } problem)
            {
                return "prefix part " + problem;
            }
        }

        return parts[^1] switch
        {
            "" => "name part must be non-empty",
            { Length: > 63 } => "name part must be no more than 63 characters",
            var name => IsLoose(name) ? null : QualifiedMessage,
        };
    }

    /// <summary>Label values: empty, or at most 63 characters.</summary>
    public static string? LabelValue(string value) =>
        value.Length > 63 ? "must be no more than 63 characters" : value.Length == 0 || IsLoose(value) ? null : LabelValueMessage;

    /// <summary>Keys of ConfigMaps and Secrets: usable as file names.</summary>
    public static string? ConfigKey(string key)
    {
        if (key.Length > 253)
        {
            return "must be no more than 253 characters";
        }

        if (key is "." or "..")
        {
            return $"must not be '{key}'";
        }

        if (key.Length == 0 || !key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            return "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
        }

        return key.StartsWith("..", StringComparison.Ordinal) ? "must not start with '..'" : null;
    }

    private static bool IsLabel(string text) =>
        text.Length > 0
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
        && text[0] != '-'
        && text[^1] != '-';

    private static bool IsLoose(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && char.IsAsciiLetterOrDigit(text[0])
        && char.IsAsciiLetterOrDigit(text[^1]);
}
