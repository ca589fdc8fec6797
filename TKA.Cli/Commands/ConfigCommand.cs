using System.CommandLine;
using TKA.Cli.Configuration;
using TKA.Cli.Errors;
using TKA.Cli.Output;
using TKA.Cli.Storage;
using TKA.Cli.Terminal;
using TKA.Contracts;

namespace TKA.Cli.Commands;

/// <summary><c>tka config [key] [value]</c>: like <c>git config</c>.</summary>
internal sealed class ConfigCommand : CliCommand
{
    /// <summary>Name of the argument that may be empty: some keys have no value by default.</summary>
    public const string ValueArgument = "value";

    private readonly Argument<string?> _key = new("key") { Description = "Key, for example output.theme.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Argument<string?> _value = new(ValueArgument) { Description = "New value; left out: show the value in effect.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _force = new("--force", "-f") { Description = "Make the file when there is none." };
    private readonly Option<bool> _filename = new("--filename") { Description = "Show which file is used, or where each value comes from." };
    private readonly bool _mustSet;

    /// <summary>Creates it.</summary>
    /// <param name="reads">Offers reading.</param>
    /// <param name="writes">Offers writing.</param>
    public ConfigCommand(bool reads = true, bool writes = true)
        : base("config", (reads, writes) switch
        {
            (true, true) => "Show or change the configuration.",
            (true, false) => "Show the configuration.",
            _ => "Change the configuration.",
        })
    {
        _mustSet = !reads;
        if (!reads)
        {
            _key.Arity = ArgumentArity.ExactlyOne;
            _value.Arity = ArgumentArity.ExactlyOne;
        }

        Arguments.Add(_key);
        if (writes)
        {
            Arguments.Add(_value);
            Options.Add(_force);
        }

        if (reads)
        {
            Options.Add(_filename);
        }
    }

    public override string Details =>
        "Without arguments all values in effect are shown, with a key that value, with a key and a value the configuration file is changed: the one in use, or with `--force` a new one at `$XDG_CONFIG_HOME/tka/config.yaml` (or where `--config` says). Comments and everything else in the file stay.";

    public override IReadOnlyList<(string Comment, string Line)> Examples =>
    [
        ("Name your tailnet once", "tka config tailscale.tailnet example.ts.net --force"),
        ("The value in effect, for scripts", "tka config output.theme --quiet"),
        ("Which file is used", "tka config --filename --quiet"),
    ];

    protected override bool ConfigMayBeMissing => true;

    protected override bool Tidies => false;

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var key = context.Parse.GetValue(_key);
        var value = _mustSet || Arguments.Contains(_value) ? context.Parse.GetValue(_value) : null;
        if (key is null)
        {
            ShowAll(context);
        }
        else if (value is null)
        {
            Show(context, key);
        }
        else
        {
            Set(context, Known(key), value);
        }

        return Task.FromResult(ExitCode.Success);
    }

    private static ConfigKey Known(string name) => ConfigKey.Find(name) ?? throw new CliException(
        ErrorCodes.Usage,
        ExitCode.Usage,
        $"There is no configuration key '{name}'.",
        [Closest(name) is { } closest ? $"Did you mean {closest}?" : "tka config lists all keys."]);

    private static string? Closest(string name) => ConfigKey.All
        .Select(key => key.Name)
        .Where(candidate => candidate.EndsWith("." + name, StringComparison.OrdinalIgnoreCase) || candidate.Split('.')[^1].Equals(name.Split('.')[^1], StringComparison.OrdinalIgnoreCase) || candidate.StartsWith(name, StringComparison.OrdinalIgnoreCase))
        .FirstOrDefault() ?? Spelling.Nearest(name, ConfigKey.All.Select(key => key.Name));

    private void Show(CommandContext context, string name)
    {
        // A file shared with the server holds keys that only it knows.
        var (value, source) = ConfigKey.Find(name) is { } key
            ? context.Configuration.Lookup(key)
            : context.Configuration.File is { } file && file.Values.TryGetValue(name, out var foreign) ? (foreign, file.Path) : (Known(name).Default, "");
        if (context.Console.Format is OutputFormat.Json or OutputFormat.Yaml)
        {
            context.Console.WriteValue(new ConfigValueOutput { Key = name, Value = value, Source = source }, CliJsonContext.Indented.ConfigValueOutput);
            return;
        }

        CliConsole.WriteLine(value);
        if (context.Parse.GetValue(_filename))
        {
            context.Console.Info($"from {source}");
        }
    }

    private void ShowAll(CommandContext context)
    {
        var file = context.Configuration.File?.Path;
        var showFile = Options.Contains(_filename) && context.Parse.GetValue(_filename);
        if (showFile && context.Console.Quiet)
        {
            CliConsole.WriteLine(file ?? "");
            return;
        }

        var values = ConfigKey.All.Select(key =>
        {
            var (value, source) = context.Configuration.Lookup(key);
            return new ConfigValueOutput { Key = key.Name, Value = value, Source = source };
        }).ToList();
        switch (context.Console.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                context.Console.WriteValue(new ConfigOutput { File = file, Values = values }, CliJsonContext.Indented.ConfigOutput);
                return;
            case OutputFormat.Name:
                CliConsole.WriteRaw(string.Concat(values.Select(value => value.Key + "\n")));
                return;
        }

        if (showFile || context.Long)
        {
            context.Console.Info(file is null ? "No configuration file is used." : $"Configuration file: {file}");
            context.Console.Table(["Key", "Value", new("Source", 1)], [.. values.Select(value => new[] { value.Key, value.Value, value.Source })]);
        }
        else
        {
            context.Console.Table(["Key", "Value"], [.. values.Select(value => new[] { value.Key, value.Value })]);
        }
    }

    private void Set(CommandContext context, ConfigKey key, string value)
    {
        if (key.Check?.Invoke(value) is { } problem)
        {
            throw new CliException(ErrorCodes.ConfigInvalidValue, ExitCode.Usage, $"'{value}' is no value for {key.Name}: it {problem}.", [key.Description]);
        }

        var path = context.Parse.GetValue(GlobalOptions.Config) is { } named ? TkaPaths.Absolute(named, ErrorCodes.ConfigUnreadable) : context.Configuration.File?.Path;
        if (path is null || !File.Exists(path))
        {
            if (!context.Parse.GetValue(_force))
            {
                throw new CliException(
                    ErrorCodes.ConfigMissing,
                    ExitCode.Unusable,
                    path is null ? "There is no configuration file yet." : $"There is no configuration file {path}.",
                    [$"Make one with: tka config {key.Name} {value} --force   (at {TkaPaths.ForPeople(path ?? ConfigFile.UserPath)})"]);
            }

            path ??= ConfigFile.UserPath;
        }

        ConfigFile.Set(path, key.Name, value);
        if (context.Console.Format is OutputFormat.Json or OutputFormat.Yaml)
        {
            context.Console.WriteValue(new ConfigValueOutput { Key = key.Name, Value = value, Source = path }, CliJsonContext.Indented.ConfigValueOutput);
        }
        else
        {
            context.Console.Success($"{key.Name} = {value} in {TkaPaths.ForPeople(path)}");
        }
    }
}
