using System.Text;

namespace TKA.Api.Configuration;

/// <summary>Text of <c>--help</c>.</summary>
internal static class Help
{
    /// <summary>Writes usage, sources and every setting.</summary>
    public static string Text()
    {
        var text = new StringBuilder("""
            The API of TKA: signs people of a tailnet in to this Kubernetes cluster.

            Usage: TKA.Api [options]

              -c, --config FILE     YAML file. Default: ./config.yaml, ~/.config/tka/config.yaml or
                                    /etc/tka/config.yaml, whichever is found first.
              -h, --help            This text.
                  --version         The version.

            Every setting can be given, strongest first, as an option (--server.readTimeout 10s), in the
            environment (TKA_SERVER_READTIMEOUT=10s or Server__ReadTimeout=10s), in the YAML file
            (server: {readTimeout: 10s}) or in appsettings.json. Durations are written like 500ms, 10s, 1h30m.

            Settings:

            """);
        foreach (var setting in Settings.All)
        {
            text.Append("\n  --").Append(setting.Name);
            if (setting.Flag is not null)
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
