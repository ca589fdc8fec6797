using System.Diagnostics;
using TKA.Cli.Errors;

namespace TKA.Cli.Shells;

/// <summary>Starts the user's own shell, with their own start-up files, and marks its prompt.</summary>
/// <param name="path">The shell's program.</param>
/// <param name="kind">Its name without path and extension.</param>
internal sealed class UserShell(string path, string kind)
{
    /// <summary>Shells whose prompt can be marked. Any other is started as it is.</summary>
    public static readonly string[] Known = ["bash", "zsh", "fish", "sh", "dash", "ash", "pwsh", "powershell", "cmd"];

    /// <summary>The shell's name, for messages.</summary>
    public string Name => kind;

    /// <summary>The shell to start: the named one, else <c>$SHELL</c>, else what the system has.</summary>
    /// <exception cref="CliException">There is no such shell.</exception>
    public static UserShell Find(string? named)
    {
        var wanted = named
            ?? (Environment.GetEnvironmentVariable("SHELL") is { Length: > 0 } shell ? shell : null)
            ?? (OperatingSystem.IsWindows() ? Environment.GetEnvironmentVariable("ComSpec") ?? "cmd" : "/bin/sh");
        try
        {
            return new UserShell(ChildProcess.Find(wanted), Path.GetFileNameWithoutExtension(wanted).TrimStart('-'));
        }
        catch (CliException exception) when (exception.Code == ErrorCodes.CommandNotFound)
        {
            throw new CliException(
                ErrorCodes.ShellUnknown,
                ExitCode.Usage,
                $"The shell {wanted} cannot be found.",
                [named is null ? "Set SHELL to your shell, or name one with --shell." : "Name one that is installed with --shell, or leave it out to get your own."],
                exception);
        }
    }

    /// <summary>How to start it.</summary>
    /// <param name="markFile">File with what the prompt shows.</param>
    /// <param name="label">Cluster, for a shell whose prompt cannot read a file: it would still show the first role after tka use.</param>
    /// <param name="directory">Private directory for start-up files, deleted afterwards.</param>
    public ProcessStartInfo Start(string markFile, string label, string directory)
    {
        var start = new ProcessStartInfo(path);
        switch (kind)
        {
            case "bash":
                // \001 and \002 tell readline which characters take no room on the screen.
                start.ArgumentList.Add("--rcfile");
                start.ArgumentList.Add(Write(directory, "bashrc", $"""
                    [ -f /etc/bash.bashrc ] && . /etc/bash.bashrc
                    [ -f ~/.bashrc ] && . ~/.bashrc
                    {PromptMark.Posix(markFile)}
                    PS1='$(_tka_mark "\001" "\002")'"$PS1"

                    """));
                start.ArgumentList.Add("-i");
                break;
            case "zsh":
                StartZsh(start, markFile, directory);
                break;
            case "fish":
                start.ArgumentList.Add("--init-command");
                start.ArgumentList.Add($"{PromptMark.Fish(markFile)}\nfunctions -q fish_prompt; and functions -c fish_prompt _tka_fish_prompt; function fish_prompt; _tka_mark; functions -q _tka_fish_prompt; and _tka_fish_prompt; or printf '> '; end");
                start.ArgumentList.Add("--interactive");
                break;
            case "sh" or "dash" or "ash":
                start.Environment["ENV"] = Write(directory, "shrc", $"""
                    [ -n "$TKA_USER_ENV" ] && [ -f "$TKA_USER_ENV" ] && . "$TKA_USER_ENV"
                    {PromptMark.Posix(markFile)}
                    PS1='$(_tka_mark)'"$PS1"

                    """);
                start.Environment["TKA_USER_ENV"] = Environment.GetEnvironmentVariable("ENV") ?? "";
                start.ArgumentList.Add("-i");
                break;
            case "pwsh" or "powershell":
                start.ArgumentList.Add("-NoLogo");
                start.ArgumentList.Add("-NoExit");
                start.ArgumentList.Add("-Command");
                start.ArgumentList.Add(PromptMark.PowerShell(markFile) + "$global:TkaPrompt = $function:prompt; function global:prompt { (_tka_mark) + (& $global:TkaPrompt) }");
                break;
            case "cmd":
                start.Environment["PROMPT"] = $"(tka {label.Replace("$", "$$", StringComparison.Ordinal)}) " + (Environment.GetEnvironmentVariable("PROMPT") ?? "$P$G");
                break;
        }

        return start;
    }

    // zsh has no flag for a start-up file, only a directory of all of them: ours read the user's, then put ZDOTDIR back.
    private static void StartZsh(ProcessStartInfo start, string markFile, string directory)
    {
        var dot = Path.Combine(directory, "zsh");
        Directory.CreateDirectory(dot);
        const string UserDirectory = "${TKA_USER_ZDOTDIR:-$HOME}";
        foreach (var file in (string[])[".zshenv", ".zprofile", ".zlogin"])
        {
            File.WriteAllText(Path.Combine(dot, file), $"[[ -f \"{UserDirectory}/{file}\" ]] && . \"{UserDirectory}/{file}\"\n");
        }

        // The last mark is taken off the prompt before the new one is put there: a theme may have replaced the prompt meanwhile.
        File.WriteAllText(Path.Combine(dot, ".zshrc"), $$"""
            _tka_zdotdir=$ZDOTDIR
            ZDOTDIR={{UserDirectory}}
            [[ -f "$ZDOTDIR/.zshrc" ]] && . "$ZDOTDIR/.zshrc"
            zmodload zsh/datetime
            {{PromptMark.Posix(markFile)}}
            _tka_last=
            _tka_precmd() { local now="$(_tka_mark '%{' '%}')"; PROMPT="$now${PROMPT#"$_tka_last"}"; _tka_last=$now }
            autoload -Uz add-zsh-hook && add-zsh-hook precmd _tka_precmd
            [[ -n "$TKA_USER_ZDOTDIR" ]] || unset ZDOTDIR
            unset _tka_zdotdir

            """);
        start.Environment["TKA_USER_ZDOTDIR"] = Environment.GetEnvironmentVariable("ZDOTDIR") ?? "";
        start.Environment["ZDOTDIR"] = dot;
        start.ArgumentList.Add("-i");
    }

    private static string Write(string directory, string name, string content)
    {
        var file = Path.Combine(directory, name);
        File.WriteAllText(file, content);
        return file;
    }
}
