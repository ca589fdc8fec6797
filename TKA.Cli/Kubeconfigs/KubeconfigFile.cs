using System.Text;
using TKA.Cli.Errors;
using TKA.Cli.Storage;
using YamlDotNet.Core;

namespace TKA.Cli.Kubeconfigs;

/// <summary>The user's kubeconfig as a file: locked against kubectl and other runs, read, changed, replaced whole.</summary>
internal static class KubeconfigFile
{
    /// <summary>Named so that kubectl finds no kubeconfig.</summary>
    private const string Nothing = "/dev/null";

    private static readonly TimeSpan LockLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Checks, before any work is done, that the file is a kubeconfig and can be written.</summary>
    /// <returns>Its text; empty when there is none yet.</returns>
    /// <exception cref="CliException">It is not, or cannot.</exception>
    public static string Check(string path)
    {
        RequireFile(path);
        var text = Read(path).Text;
        var target = AtomicFile.ResolveLink(path);
        var directory = Path.GetDirectoryName(target)!;
        CreateDirectory(path, directory);
        var probe = Path.Combine(directory, $".tka-probe-{Environment.ProcessId}");
        try
        {
            if (File.Exists(target))
            {
                // A file can be written in place where no other can be made beside it: a mount, a directory of somebody else.
                new FileStream(target, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite).Dispose();
            }
            else
            {
                File.WriteAllBytes(probe, []);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.NotWritable(path, ErrorCodes.KubeconfigUnwritable, exception);
        }
        finally
        {
            AtomicFile.TryDelete(probe);
        }

        return text;
    }

    /// <summary>Reads the text and makes sure that it is a kubeconfig.</summary>
    /// <returns>The text, empty when there is no file, and its encoding.</returns>
    /// <exception cref="CliException">It cannot be read, or is not a kubeconfig.</exception>
    public static (string Text, KubeconfigEncoding Encoding) Read(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw Invalid(path, "it is a directory", null);
            }

            if (path != Nothing)
            {
                RequireFile(path);
            }

            // A link whose target is not there yet is no file, but is said to exist.
            var content = File.Exists(AtomicFile.ResolveLink(path)) ? File.ReadAllBytes(path) : [];
            var encoding = KubeconfigEncoding.Of(content);
            var text = encoding.Decode(content);
            EnsureKubeconfig(path, text);
            return (text, encoding);
        }
        catch (DecoderFallbackException exception)
        {
            throw Invalid(path, "it is neither UTF-8 nor UTF-16 text", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Invalid(path, exception is UnauthorizedAccessException ? "it may not be read" : exception.Message.TrimEnd('.'), exception);
        }
    }

    /// <summary>Changes the file under its lock. Nothing is written when the text stays the same.</summary>
    /// <param name="path">The file; made, mode 0600, when missing.</param>
    /// <param name="ours">Names of the entries that may change; <paramref name="change"/> may add to them.</param>
    /// <param name="change">From the old text (empty when there is no file) to the new; null: delete the file.</param>
    /// <param name="clock">Clock.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    /// <exception cref="CliException">Locked, unreadable or unwritable; the file is untouched.</exception>
    public static async Task ChangeAsync(string path, IReadOnlyCollection<string> ours, Func<string, string?> change, TimeProvider clock, CancellationToken cancellationToken)
    {
        RequireFile(path);
        var target = AtomicFile.ResolveLink(path);
        CreateDirectory(path, Path.GetDirectoryName(target)!);

        // The name and the way are client-go's, so that "kubectl config" keeps out as well.
        var lockFile = path + ".lock";
        var locked = await LockAsync(path, lockFile, clock, cancellationToken);
        try
        {
            var (old, encoding) = Read(path);
            var changed = Change(path, old, ours, change);
            if (changed is null)
            {
                File.Delete(target);
                return;
            }

            if (changed == old)
            {
                return;
            }

            AtomicFile.Write(path, encoding.Encode(changed), AtomicFile.Private, ErrorCodes.KubeconfigUnwritable);
        }
        finally
        {
            if (locked)
            {
                AtomicFile.TryDelete(lockFile);
            }
        }
    }

    /// <summary>A pipe would be waited for without end, and a device be replaced by a file.</summary>
    private static void RequireFile(string path)
    {
        if (FileOwner.Of(path) is { IsFile: false } && !Directory.Exists(path))
        {
            throw Invalid(path, "it is no regular file", null);
        }
    }

    private static string? Change(string path, string old, IReadOnlyCollection<string> ours, Func<string, string?> change)
    {
        try
        {
            var changed = change(old);
            if (changed is null)
            {
                return null;
            }

            EnsureKubeconfig(path, changed);
            return old.Length == 0 || ForeignContent.Of(old, ours) == ForeignContent.Of(changed, ours)
                ? changed
                : throw Invalid(path, "tka cannot change it without touching what is not tka's", null);
        }
        catch (YamlException exception)
        {
            throw Invalid(path, "tka cannot change it, because of how it is written", exception);
        }
    }

    private static void CreateDirectory(string path, string directory)
    {
        if (Directory.Exists(directory))
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.NotWritable(path, ErrorCodes.KubeconfigUnwritable, exception);
        }
    }

    /// <returns>False: no lock can be made beside a file that can be written, so kubectl cannot make one either.</returns>
    private static async Task<bool> LockAsync(string path, string lockFile, TimeProvider clock, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                new FileStream(lockFile, FileMode.CreateNew, FileAccess.Write).Dispose();
                return true;
            }
            catch (IOException exception) when (IsExisting(exception))
            {
                if (clock.GetElapsedTime(started) > LockLimit)
                {
                    throw new CliException(
                        ErrorCodes.KubeconfigLocked,
                        ExitCode.Unusable,
                        $"{path} is being changed by another program.",
                        [$"Run the command again. If no kubectl or tka is running, a crashed one left the lock behind: rm {lockFile}"]);
                }

                await Task.Delay(LockPause, clock, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return File.Exists(path) && FileOwner.MayWrite(path) ? false : throw FileErrors.NotWritable(path, ErrorCodes.KubeconfigUnwritable, exception);
            }
        }
    }

    // EEXIST, ERROR_FILE_EXISTS. Looking whether the file is there would be too late: its owner may be done by then.
    private static bool IsExisting(IOException error) => (error.HResult & 0xFFFF) is 17 or 80;

    private static void EnsureKubeconfig(string path, string text)
    {
        if (KubeconfigCheck.Problem(text) is { } problem)
        {
            throw Invalid(path, problem, null);
        }
    }

    private static CliException Invalid(string path, string reason, Exception? inner) => new(
        ErrorCodes.KubeconfigInvalid,
        ExitCode.Unusable,
        $"{path} is no usable kubeconfig: {reason}.",
        ["Correct the file (kubectl config view says what kubectl makes of it), or name another with --kubeconfig. It was not changed."],
        inner);
}
