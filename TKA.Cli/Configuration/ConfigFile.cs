using System.Text;
using TKA.Cli.Errors;
using TKA.Cli.Storage;
using TKA.Cli.Yaml;
using YamlDotNet.Core;

namespace TKA.Cli.Configuration;

/// <summary>A configuration file: found, read, and changed without touching what else is in it.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Text">Content.</param>
/// <param name="Values">Dotted names, lower case, and their values.</param>
internal sealed record ConfigFile(string Path, string Text, IReadOnlyDictionary<string, string> Values)
{
    /// <summary>Where <c>tka config --force</c> makes a file.</summary>
    public static string UserPath => System.IO.Path.Combine(TkaPaths.Config, "config.yaml");

    /// <summary>The file to use: the named one, else the first there is of the user's and the machine's. Null: none.</summary>
    /// <param name="named">From <c>--config</c>; must exist unless <paramref name="mayBeMissing"/>.</param>
    /// <param name="machinePath">The machine's file.</param>
    /// <param name="mayBeMissing">The named file is about to be made.</param>
    /// <exception cref="CliException">A file cannot be read or is no YAML.</exception>
    public static ConfigFile? Find(string? named, string machinePath, bool mayBeMissing = false)
    {
        if (named is not null)
        {
            var full = TkaPaths.Absolute(named, ErrorCodes.ConfigUnreadable);
            return File.Exists(full) || !mayBeMissing ? Read(full) : null;
        }

        // Never the working directory: config.yaml is a common name, and kubectl calls tka in any directory.
        return new[] { UserPath, machinePath }.Where(File.Exists).Select(Read).FirstOrDefault();
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="CliException">It cannot be read or is no YAML mapping.</exception>
    public static ConfigFile Read(string path)
    {
        try
        {
            var text = File.ReadAllText(path);
            return new ConfigFile(path, text, Flatten(path, text));
        }
        catch (YamlException exception)
        {
            throw Unreadable(path, $"line {exception.Start.Line}: {exception.Message.Split(": ")[^1].TrimEnd('.')}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, Directory.Exists(path) ? "it is a directory" : exception is UnauthorizedAccessException ? "permission denied" : exception is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : exception.Message, exception);
        }
    }

    /// <summary>Writes one value into the file at <paramref name="path"/>, making it when missing. Comments, order and other keys stay.</summary>
    /// <exception cref="CliException">The file cannot be read or written.</exception>
    public static void Set(string path, string key, string value)
    {
        var text = File.Exists(path) ? Read(path).Text : "";
        var changed = YamlEdit.SetScalar(text, key.Split('.'), YamlScalarText(value));
        if (System.IO.Path.GetDirectoryName(AtomicFile.ResolveLink(path)) is { Length: > 0 } directory && !Directory.Exists(directory))
        {
            try
            {
                Directory.CreateDirectory(directory);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw FileErrors.NotWritable(path, ErrorCodes.ConfigUnwritable, exception);
            }
        }

        AtomicFile.Write(path, Encoding.UTF8.GetBytes(changed), AtomicFile.Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead, ErrorCodes.ConfigUnwritable);
    }

    private static string YamlScalarText(string value) =>
        value is "true" or "false" || (value.Length is > 0 and < 10 && value.All(char.IsAsciiDigit)) ? value : Output.YamlText.Scalar(value);

    private static Dictionary<string, string> Flatten(string path, string text)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        switch (YamlTree.Parse(text))
        {
            case null or { IsNull: true }:
                return values;
            case { Kind: YamlKind.Mapping } root:
                Add(values, "", root);
                return values;
            default:
                throw Unreadable(path, "it must hold keys and values, like \"output:\\n  theme: dark\"", null);
        }
    }

    private static void Add(Dictionary<string, string> values, string prefix, YamlNode mapping)
    {
        foreach (var (key, value) in mapping.Entries)
        {
            var name = prefix + key.Text;
            switch (value.Kind)
            {
                case YamlKind.Mapping:
                    Add(values, name + '.', value);
                    break;
                case YamlKind.Scalar when !value.IsNull:
                    values[name] = value.Text;
                    break;
                case YamlKind.Sequence:
                    values[name] = string.Join(',', value.Items.Select(item => item.Text));
                    break;
            }
        }
    }

    private static CliException Unreadable(string path, string reason, Exception? inner) => new(
        ErrorCodes.ConfigUnreadable,
        ExitCode.Unusable,
        $"The configuration file {path} cannot be used: {reason}.",
        ["Correct the file, or name another with --config."],
        inner);
}
