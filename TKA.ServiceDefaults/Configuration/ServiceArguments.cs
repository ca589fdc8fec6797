namespace TKA.ServiceDefaults.Configuration;

/// <summary>What the arguments of a service say.</summary>
internal sealed record ServiceArguments
{
    private static readonly string[] HostKeys = ["environment", "contentRoot", "applicationName"];

    /// <summary>Settings by configuration key.</summary>
    public required IReadOnlyDictionary<string, string> Values { get; init; }

    /// <summary>Path given with <c>--config</c>.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Whether the help was asked for.</summary>
    public bool Help { get; init; }

    /// <summary>Whether the version was asked for.</summary>
    public bool Version { get; init; }

    /// <summary>Reads arguments: the Go TKA's flags and its word <c>serve</c>, and <c>--section.name value</c> for every setting.</summary>
    /// <exception cref="ConfigurationException">An argument is not understood; the message says which and what to do.</exception>
    public static ServiceArguments Parse(ServiceSettings service, IReadOnlyList<string> args)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        string? configFile = null;
        var (help, version) = (false, false);
        for (var i = 0; i < args.Count; i++)
        {
            var (name, value) = Split(args[i]);
            switch (name)
            {
                case "serve" when i == 0:
                    continue;
                case "--help" or "-h" or "-?":
                    help = true;
                    continue;
                case "--version":
                    version = true;
                    continue;
                case "--config" or "-c":
                    configFile = value ?? Next(args, ref i);
                    continue;
            }

            var setting = Setting(service, name);
            var key = setting?.Key ?? EntryOrForeignKey(service, name) ?? throw Unknown(service, args[i], name);
            if (setting?.Kind == SettingKind.Switch && value is null && !NextIsBoolean(args, i))
            {
                value = "true";
            }

            Spread(values, setting, key, value ?? Next(args, ref i));
        }

        return new ServiceArguments { Values = values, ConfigFile = configFile, Help = help, Version = version };
    }

    /// <summary>Spreads <c>a=b,c=d</c> over the keys of a map and <c>a,b</c> over those of a list.</summary>
    public static void Spread(IDictionary<string, string> values, Setting? setting, string key, string value)
    {
        switch (setting?.Kind)
        {
            case SettingKind.Map:
                foreach (var pair in value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                {
                    var parts = pair.Split('=', 2);
                    values[$"{key}:{parts[0]}"] = parts.Length == 2
                        ? parts[1]
                        : throw new ConfigurationException($"{setting.Name} holds \"{pair}\", which is not name=value. Write it like environment=production,region=eu.");
                }

                break;
            case SettingKind.List:
                var items = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                for (var i = 0; i < items.Length; i++)
                {
                    values[$"{key}:{i}"] = items[i];
                }

                break;
            default:
                values[key] = value;
                break;
        }
    }

    private static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }

    private static Setting? Setting(ServiceSettings service, string argument) =>
        argument.StartsWith("--", StringComparison.Ordinal)
            ? service.All.FirstOrDefault(setting => setting.Flag == argument[2..]) ?? service.Find(argument[2..])
            : service.All.FirstOrDefault(setting => argument.Length == 2 && argument[0] == '-' && setting.Letter == argument[1]);

    /// <summary>
    /// Keys that are not TKA's but the framework's, such as <c>Logging:LogLevel:Default</c> or <c>DAPR_GRPC_PORT</c>, and single
    /// entries of a list or a map. A key of one of the service's own sections that is no setting is misspelled.
    /// </summary>
    private static string? EntryOrForeignKey(ServiceSettings service, string argument)
    {
        if (!argument.StartsWith("--", StringComparison.Ordinal))
        {
            return null;
        }

        var name = argument[2..];
        if (name.StartsWith("Logging", StringComparison.OrdinalIgnoreCase) || HostKeys.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            return name;
        }

        var key = name.Replace('.', ':');
        var section = key.Split(':')[0];
        return service.Knows(key) || (!service.Sections.Contains(section) && section != key) || IsVariable(name) ? key : null;
    }

    private static bool IsVariable(string name) =>
        name.Contains('_', StringComparison.Ordinal) && name.All(letter => char.IsAsciiLetterUpper(letter) || char.IsAsciiDigit(letter) || letter == '_');

    private static string Next(IReadOnlyList<string> args, ref int i) =>
        ++i < args.Count
            ? args[i]
            : throw new ConfigurationException($"{args[i - 1]} needs a value. See --help.");

    private static bool NextIsBoolean(IReadOnlyList<string> args, int i) => i + 1 < args.Count && bool.TryParse(args[i + 1], out _);

    private static ConfigurationException Unknown(ServiceSettings service, string argument, string name) =>
        new($"'{argument}' is not an option of this program. " + (service.Nearest(name.TrimStart('-').Replace(':', '.')) is { } nearest
            ? $"Did you mean --{nearest}?"
            : "See --help."));
}
