using System.Globalization;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>The syntax of a CronJob's schedule: five fields, or a word for a common one.</summary>
internal static class CronSchedule
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    private static readonly string[] Words = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
    private static readonly (int Least, int Most, string[] Names, int First)[] Fields =
        [(0, 59, [], 0), (0, 23, [], 0), (1, 31, [], 0), (1, 12, Months, 1), (0, 6, Days, 0)];

    /// <summary>What is wrong with a schedule, or null.</summary>
    public static string? Problem(string schedule)
    {
        if (schedule.StartsWith('@'))
        {
            return Words.Contains(schedule) || (schedule.StartsWith("@every ", StringComparison.Ordinal) && Validation.StringFormats.Accepts("duration", schedule[7..]))
                ? null
                : $"unrecognized descriptor: {schedule}";
        }

        if (schedule.StartsWith("TZ=", StringComparison.Ordinal) || schedule.StartsWith("CRON_TZ=", StringComparison.Ordinal))
        {
            return "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
        }

        var fields = schedule.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != Fields.Length)
        {
            return $"expected exactly 5 fields, found {fields.Length}: [{string.Join(' ', fields)}]";
        }

        return fields.Zip(Fields).SelectMany(f => f.First.Split(',').Select(part => PartProblem(part, f.Second))).FirstOrDefault(problem => problem is not null);
    }

    private static string? PartProblem(string part, (int Least, int Most, string[] Names, int First) field)
    {
        var step = part.Split('/');
        var range = step[0].Split('-');
        if (step.Length > 2)
        {
            return $"too many slashes: {part}";
        }

        if (range.Length > 2)
        {
            return $"too many hyphens: {part}";
        }

        var (least, most) = (field.Least, field.Most);
        if (range[0] is not ("*" or "?"))
        {
            if (!TryRead(range[0], field.Names, field.First, out least) || !TryRead(range[^1], field.Names, field.First, out most))
            {
                return $"failed to parse int from {range[^1]}: strconv.Atoi: parsing \"{range[^1]}\": invalid syntax";
            }

            most = range.Length == 1 && step.Length == 2 ? field.Most : most;
        }

        if (step.Length == 2)
        {
            if (!TryRead(step[1], [], 0, out var by))
            {
                return $"failed to parse int from {step[1]}: strconv.Atoi: parsing \"{step[1]}\": invalid syntax";
            }

            if (by == 0)
            {
                return $"step of range should be a positive number: {part}";
            }
        }

        return least < field.Least ? $"beginning of range ({least}) below minimum ({field.Least}): {part}"
            : most > field.Most ? $"end of range ({most}) above maximum ({field.Most}): {part}"
            : least > most ? $"beginning of range ({least}) beyond end of range ({most}): {part}"
            : null;
    }

    private static bool TryRead(string text, string[] names, int first, out int value)
    {
        var name = Array.IndexOf(names, text.ToLowerInvariant());
        value = name + first;
        return name >= 0 || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
