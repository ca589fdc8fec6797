using System.Text;

namespace TKA.ServiceDefaults.Configuration;

/// <summary>Text of <c>--help</c>.</summary>
public static class HelpText
{
    /// <summary>Usage, sources and every setting of a service.</summary>
    public static string For(ServiceSettings service)
    {
        ArgumentNullException.ThrowIfNull(service);
        var text = new StringBuilder($$"""
            {{service.Name}}: {{service.Summary}}

            Usage: {{service.Name}} [options]

              -c, --config FILE     YAML file; also TKA_CONFIG. Default: {{string.Join(", ", service.Files)}}, whichever is found first.
              -h, --help            This text.
                  --version         The version.

            Every setting can be given, strongest first, as an option (--management.port 8081), in the environment
            (TKA_MANAGEMENT_PORT=8081 or Management__Port=8081), in the YAML file (management: {port: 8081}) or in
            appsettings.json. Durations are written like 500ms, 10s, 1h30m.

            Settings:

            """);
        foreach (var setting in service.All)
        {
            text.Append("\n  --").Append(setting.Name);
            if (setting.Flag is not null && setting.Flag != setting.Name)
            {
                text.Append(", --").Append(setting.Flag);
            }

            if (setting.Letter is not null)
            {
                text.Append(", -").Append(setting.Letter);
            }

            text.Append("\n      ").Append(setting.Summary);
            if (setting.Default.Length > 0)
            {
                text.Append(" Default: ").Append(setting.Default).Append('.');
            }

            text.Append('\n');
        }

        return text.ToString();
    }
}
