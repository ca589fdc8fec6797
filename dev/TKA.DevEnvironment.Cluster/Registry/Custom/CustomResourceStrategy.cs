using TKA.DevEnvironment.Cluster.Cel;

namespace TKA.DevEnvironment.Cluster.Registry.Custom;

/// <summary>Objects of a CustomResourceDefinition: pruned, defaulted and validated by its schema.</summary>
internal sealed class CustomResourceStrategy : ResourceStrategy
{
    /// <summary>Errors after which rules are not evaluated.</summary>
    private static readonly HashSet<string> Blocking =
        ["FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid"];

    private readonly bool _terminating;
    private readonly string _kind;
    private readonly string _version;
    private readonly Lazy<Schema> _schema;
    private readonly Lazy<ValidationRules> _rules;

    /// <summary>Behaviour of one version.</summary>
    public CustomResourceStrategy(string kind, JsonObject version, bool terminating)
    {
        _terminating = terminating;
        _kind = kind;
        _version = version.Text("name");
        var schema = version.Child("schema").Child("openAPIV3Schema") ?? [];
        _schema = new Lazy<Schema>(() => SchemaReader.ReadRoot(schema));
        _rules = new Lazy<ValidationRules>(() => ValidationRules.Compile(schema, "", new FieldErrors()));
        HasStatus = version.Child("subresources")?.ContainsKey("status") ?? false;
        HasGeneration = true;
        AllowUnconditionalUpdate = false;
    }

    public override Schema Schema => _schema.Value;

    public override void Decode(JsonObject obj, FieldValidation validation, Action<string> warn)
    {
        var unknown = ObjectDecoder.DecodeMetadata(obj, _kind, _version);
        unknown.AddRange(SchemaPruner.Prune(obj, Schema));
        ObjectDecoder.Report(unknown, validation, warn, _kind, _version);
    }

    public override void Default(JsonObject obj) => SchemaDefaulter.Apply(obj, Schema);

    public override void PrepareForCreate(JsonObject obj)
    {
        if (_terminating)
        {
            throw new StatusException(405, "MethodNotAllowed", "create not allowed while custom resource definition is terminating");
        }

        base.PrepareForCreate(obj);
    }

    public override void ValidateCreate(JsonObject obj, FieldErrors errors) => CheckRules(obj, null, errors);

    public override void Validate(JsonObject obj, FieldErrors errors) => new SchemaValidator(errors, SchemaScope.Custom).Validate(obj, Schema, "");

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) => CheckRules(obj, old, errors);

    /// <summary>Rules may assume that what they look at is there and has the right types.</summary>
    private void CheckRules(JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (_rules.Value.IsEmpty)
        {
            return;
        }

        if (errors.Causes.Any(cause => Blocking.Contains(cause.Reason)))
        {
            errors.Add(new StatusCause(
                "FieldValueInvalid",
                "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
                "<nil>"));
            return;
        }

        foreach (var cause in _rules.Value.Validate(obj, old))
        {
            errors.Add(cause);
        }
    }
}
