namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>What happens to fields that a configuration changes and other managers own.</summary>
internal static class ApplyConflicts
{
    /// <summary>Takes the fields from the others when forced, and refuses the apply otherwise.</summary>
    /// <exception cref="StatusException">409 with a cause for each conflict.</exception>
    public static void Resolve(FieldManagers managers, FieldManager manager, FieldSet contested, bool force)
    {
        if (force)
        {
            managers.TakeFromOthers(manager, contested);
            return;
        }

        var causes = new List<StatusCause>();
        foreach (var other in managers.All.Where(m => m != manager))
        {
            // An applier is identified by its manager name alone. Other managers are distinguished by name, operation, version and subresource.
            var subresource = other.Subresource.Length > 0 ? $" with subresource \"{other.Subresource}\"" : "";
            var version = other.Operation == FieldManagers.ApplyOperation ? "" : $" using {other.ApiVersion}";
            causes.AddRange(managers[other].Intersect(contested).Paths().Select(path => new StatusCause(
                "FieldManagerConflict",
                $"conflict with \"{other.Name}\"{subresource}{version}",
                path)));
        }

        if (causes.Count > 0)
        {
            var list = string.Join('\n', causes.GroupBy(c => c.Message).Select(g =>
                g.Count() == 1 ? $"{g.Key}: {g.First().Field}" : $"{g.Key}:\n{string.Join('\n', g.Select(c => $"- {c.Field}"))}"));
            throw new StatusException(
                409,
                "Conflict",
                $"Apply failed with {causes.Count} conflict{(causes.Count == 1 ? "" : "s")}: {list}",
                causes);
        }
    }
}
