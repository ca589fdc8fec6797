using System.Globalization;
using TKA.Contracts;

namespace TKA.ServiceDefaults.Configuration;

/// <summary>Checks the text of a setting against its kind, and writes it as .NET's configuration binder reads it.</summary>
public static class SettingText
{
    /// <summary>What is wrong with a text and how to put it right; <see langword="null"/> when nothing is.</summary>
    public static string? Check(Setting setting, string text)
    {
        var problem = setting.Kind switch
        {
            SettingKind.Switch => bool.TryParse(text, out _) ? null : "which is neither true nor false. Write true or false.",
            SettingKind.Number => IsInteger(text, int.MaxValue) ? null : "which is not a whole number of 0 or more.",
            SettingKind.Port => IsInteger(text, ushort.MaxValue) ? null : "which is not a port. Write a number from 0 to 65535.",
            SettingKind.Duration => ParseDuration(text) is not null ? null : "which is not a duration of 0s or more. Write it like 500ms, 10s, 30m or 1h30m.",
            SettingKind.Url => IsUrl(text) ? null : "which is not an absolute URL. Write it like https://example.com:6443.",
            SettingKind.Endpoint => IsUrl(text) || IsHostAndPort(text) ? null : "which is no endpoint. Write it like http://collector:4317 or collector:4317.",
            SettingKind.Base64 => IsBase64(text) ? null : "which is not base64. Encode the PEM file with \"base64 -w0 ca.crt\".",
            _ => null,
        };
        return problem is null ? null : $"{setting.Name} is \"{Shorten(text)}\", {problem}";
    }

    /// <summary>The text as options bind it: durations in .NET's own notation, endpoints as URLs.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="text">A text that <see cref="Check"/> has passed.</param>
    /// <param name="insecure">Whether an endpoint without a scheme is plain http.</param>
    internal static string ForBinder(Setting setting, string text, bool insecure) => setting.Kind switch
    {
        SettingKind.Duration => ParseDuration(text)!.Value.ToString("c", CultureInfo.InvariantCulture),
        SettingKind.Endpoint when !IsUrl(text) => $"{(insecure ? "http" : "https")}://{text}",
        _ => text,
    };

    private static bool IsInteger(string text, int maximum) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= maximum;

    // Settings that come from code and from appsettings.json may be in .NET's own notation, 00:00:10.
    private static TimeSpan? ParseDuration(string text) =>
        (GoDuration.TryParse(text, out var duration)
            || (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration)))
        && duration >= TimeSpan.Zero ? duration : null;

    private static bool IsUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && uri.UserInfo.Length == 0;

    private static bool IsHostAndPort(string text) =>
        !text.Contains('/', StringComparison.Ordinal) && text.LastIndexOf(':') > 0 && IsUrl($"http://{text}");

    private static bool IsBase64(string text) => Convert.TryFromBase64String(text.Trim(), new byte[text.Length], out _);

    private static string Shorten(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "…");
}
