using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core.Pods;

/// <summary>What a container asks for and may use at most.</summary>
internal static class ResourceRules
{
    private const string HugePages = "hugepages-";
    private static readonly HashSet<string> Standard = ["cpu", "memory", "ephemeral-storage"];

    /// <summary>Asks for what is the limit where nothing is asked for.</summary>
    public static void DefaultRequests(JsonObject container)
    {
        if (container.Child("resources") is not { } resources || resources.Child("limits") is not { Count: > 0 } limits)
        {
            return;
        }

        var requests = resources.ChildOrNew("requests");
        foreach (var (name, amount) in limits)
        {
            requests[name] ??= amount?.DeepClone();
        }
    }

    /// <summary>Validates a container's resources.</summary>
    public static void Validate(JsonObject? resources, string path, FieldErrors errors)
    {
        var (limits, requests) = (resources.Child("limits"), resources.Child("requests"));
        ValidateAmounts(limits, $"{path}.limits", errors);
        ValidateAmounts(requests, $"{path}.requests", errors);
        foreach (var (name, wanted) in requests ?? [])
        {
            var most = limits?[name];
            if (most is not null && Quantity.Parse(wanted) is { } request && Quantity.Parse(most) is { } limit)
            {
                if (!Overcommits(name) && request != limit)
                {
                    errors.Invalid($"{path}.requests", wanted!.ToString(), $"must be equal to {name} limit of {most}");
                }
                else if (request > limit)
                {
                    errors.Invalid($"{path}.requests", wanted!.ToString(), $"must be less than or equal to {name} limit of {most}");
                }
            }
            else if (most is null && !Overcommits(name))
            {
                errors.Required($"{path}.limits", "Limit must be set for non overcommitable resources");
            }
        }

        var all = (limits ?? []).Concat(requests ?? []).Select(a => a.Key).ToList();
        if (all.Any(IsHugePages) && !all.Any(name => name is "cpu" or "memory"))
        {
            errors.Forbidden(path, "HugePages require cpu or memory");
        }
    }

    private static bool IsHugePages(string name) => name.StartsWith(HugePages, StringComparison.Ordinal);

    private static bool Overcommits(string name) => Standard.Contains(name) || (!IsHugePages(name) && name.Contains("kubernetes.io/", StringComparison.Ordinal));

    private static void ValidateAmounts(JsonObject? amounts, string path, FieldErrors errors)
    {
        foreach (var (name, amount) in amounts ?? [])
        {
            var at = $"{path}[{name}]";
            if (!Standard.Contains(name) && !IsHugePages(name))
            {
                if (NameRules.QualifiedName(name) is { } problem)
                {
                    errors.Invalid(at, name, problem);
                }

                if (!name.Contains('/', StringComparison.Ordinal))
                {
                    errors.Invalid(at, name, "must be a standard resource type or fully qualified");
                    errors.Invalid(at, name, "must be a standard resource for containers");
                }
            }

            if (Quantity.Parse(amount) is not { } value)
            {
                continue;
            }

            if (value < 0)
            {
                errors.Invalid(at, amount!.ToString(), "must be greater than or equal to 0");
            }

            if (name.Contains('/', StringComparison.Ordinal) && decimal.Truncate(value) != value)
            {
                errors.Invalid(at, amount!.ToString(), "must be an integer");
            }

            if (IsHugePages(name) && !(Quantity.Parse(name[HugePages.Length..]) is > 0 and var size && value > 0 && value % size == 0))
            {
                errors.Invalid(at, amount!.ToString(), $"{amount} is not positive integer multiple of {name}");
            }
        }
    }
}
