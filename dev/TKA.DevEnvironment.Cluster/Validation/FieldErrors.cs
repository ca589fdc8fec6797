using System.Text.Json;

namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>Collects what is wrong with an object, field by field, in the reasons and wording of <c>Status.details.causes</c>.</summary>
internal sealed class FieldErrors
{
    private readonly List<StatusCause> _causes = [];

    /// <summary>What was found so far.</summary>
    public IReadOnlyList<StatusCause> Causes => _causes;

    /// <summary>Whether something was found.</summary>
    public bool Any => _causes.Count > 0;

    /// <summary>Adds a cause as it is.</summary>
    public void Add(StatusCause cause) => _causes.Add(cause);

    /// <summary>A field that must be there is not.</summary>
    public void Required(string field, string detail = "") =>
        _causes.Add(new StatusCause("FieldValueRequired", detail.Length == 0 ? "Required value" : $"Required value: {detail}", field));

    /// <summary>A value that cannot be.</summary>
    public void Invalid(string field, JsonNode? value, string detail) =>
        _causes.Add(new StatusCause("FieldValueInvalid", $"Invalid value: {Show(value)}: {detail}", field));

    /// <summary>A value that a rule says something against; nothing when <paramref name="problem"/> is null.</summary>
    public void Check(string field, JsonNode? value, string? problem)
    {
        if (problem is not null)
        {
            Invalid(field, value, problem);
        }
    }

    /// <summary>A value of the wrong JSON type.</summary>
    public void TypeInvalid(string field, string actual, string detail) =>
        _causes.Add(new StatusCause("FieldValueTypeInvalid", $"Invalid value: \"{actual}\": {detail}", field));

    /// <summary>A value outside a closed set.</summary>
    public void NotSupported(string field, JsonNode? value, IEnumerable<string> supported) =>
        _causes.Add(new StatusCause(
            "FieldValueNotSupported",
            $"Unsupported value: {Show(value)}: supported values: {string.Join(", ", supported.Select(s => $"\"{s}\""))}",
            field));

    /// <summary>A value that may appear once appears again.</summary>
    public void Duplicate(string field, JsonNode? value) =>
        _causes.Add(new StatusCause("FieldValueDuplicate", $"Duplicate value: {Show(value)}", field));

    /// <summary>Something that must not be set or changed here.</summary>
    public void Forbidden(string field, string detail) =>
        _causes.Add(new StatusCause("FieldValueForbidden", $"Forbidden: {detail}", field));

    /// <summary>Refuses each of some members that is set, because it would be accepted and have no effect.</summary>
    public void NotImplemented(JsonNode? holder, string path, params ReadOnlySpan<string> members)
    {
        foreach (var member in members)
        {
            if (holder.At(member) is { } set and not JsonArray { Count: 0 } && set.GetValueKind() != JsonValueKind.False)
            {
                Forbidden($"{path}.{member}", "the embedded cluster does not implement it");
            }
        }
    }

    /// <summary>A string longer than allowed.</summary>
    public void TooLong(string field, int limit) =>
        _causes.Add(new StatusCause("FieldValueTooLong", $"Too long: may not be more than {limit} bytes", field));

    /// <summary>A list or map with more entries than allowed.</summary>
    public void TooMany(string field, int actual, int limit) =>
        _causes.Add(new StatusCause("FieldValueTooMany", $"Too many: {actual}: must have at most {limit} items", field));

    /// <summary>Adds a field that may not change after creation when it did.</summary>
    public void Immutable(string field, JsonNode? value, JsonNode? old)
    {
        if (!JsonNode.DeepEquals(value, old))
        {
            Invalid(field, value, "field is immutable");
        }
    }

    /// <summary>Throws 422 when something was found.</summary>
    public void ThrowIfAny(string group, string kind, string name, string uid = "")
    {
        if (_causes.Count > 0)
        {
            throw Statuses.Invalid(group, kind, name, _causes, uid);
        }
    }

    private static string Show(JsonNode? value) => value is null ? "null" : value.ToJsonString(ObjectJson.SerializerOptions);
}
