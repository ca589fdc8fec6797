using System.Globalization;
using TKA.Cli.Credentials;
using TKA.Cli.Errors;
using TKA.Cli.Sessions;
using TKA.Cli.Storage;

namespace TKA.Cli.Shells;

/// <summary>The private directory of a subshell: start-up files, and the file its prompt reads.</summary>
internal static class ShellFiles
{
    /// <summary>Set in the child to person and cluster, which stay the same as long as the shell lives: tells a nested <c>tka shell</c> and prompts.</summary>
    public const string Variable = "TKA_SHELL";

    /// <summary>Id of this process's record, also beside those of other machines that share the home directory.</summary>
    public static string Id => $"shell-{StableHash.Of(Environment.MachineName)[..6]}-{Environment.ProcessId}";

    /// <summary>The directory of a record's shell.</summary>
    public static string DirectoryOf(string id) => Path.Combine(TkaPaths.State, "shells", id);

    /// <summary>The file that the prompt of a record's shell reads.</summary>
    public static string MarkOf(string id) => Path.Combine(DirectoryOf(id), "mark");

    /// <summary>Deletes the directory of a subshell. It holds no secret, so a failure does not matter.</summary>
    /// <param name="id">Id of the session's record.</param>
    public static void Delete(string id)
    {
        try
        {
            if (Directory.Exists(DirectoryOf(id)))
            {
                Directory.Delete(DirectoryOf(id), recursive: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next shell with this process id replaces the files.
        }
    }

    /// <summary>Writes what the prompt shows: the end in seconds since 1970, the text, and the colour as an ANSI code or <c>-</c>.</summary>
    public static void WriteMark(SessionRecord record)
    {
        // Part of a prompt: nothing in it may mean anything to a shell.
        var text = new string([.. $"{record.Role}@{record.Cluster}".Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '@').Take(60)]);
        var line = string.Create(CultureInfo.InvariantCulture, $"{record.Until.ToUnixTimeSeconds()} {text} {RoleColour.Of(record.Role)}\n");
        AtomicFile.CreatePrivateDirectory(DirectoryOf(record.Id));
        AtomicFile.Write(MarkOf(record.Id), System.Text.Encoding.UTF8.GetBytes(line), AtomicFile.Private, ErrorCodes.StateUnwritable);
    }

    /// <summary>Brings what shells show and warn about up to date after a session was renewed.</summary>
    public static void Renewed(SessionRecord record)
    {
        SessionStore.Save(record);
        if (File.Exists(MarkOf(record.Id)))
        {
            WriteMark(record);
        }
    }
}
