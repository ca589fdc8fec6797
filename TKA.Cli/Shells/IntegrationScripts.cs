namespace TKA.Cli.Shells;

/// <summary>
/// A shell function <c>tka</c> around the program: a program cannot change its parent's environment, so login, refresh, logout,
/// use and kubeconfig print what is to change and the function evaluates it. Everything else passes through.
/// </summary>
internal static class IntegrationScripts
{
    /// <summary>The script for a shell.</summary>
    public static string For(string shell) => shell switch
    {
        "bash" => Posix("bash", "~/.bashrc", "BASH_SUBSHELL"),
        "zsh" => Posix("zsh", "~/.zshrc", "ZSH_SUBSHELL"),
        "fish" => Fish,
        _ => PowerShell,
    };

    private static string Posix(string shell, string file, string depth) => $$"""
        # Shell integration for tka. Put this line into {{file}}:
        #   eval "$(tka generate integration {{shell}})"
        tka() {
            local _tka_arg _tka_out _tka_code
            case "${1-} ${2-}" in
                login\ *|signin\ *|auth\ *|reauthenticate\ *|reauth\ *|refresh\ *|logout\ *|signout\ *|kubeconfig\ *|use\ *|"get kubeconfig") ;;
                *) command tka "$@"; return ;;
            esac
            for _tka_arg in "$@"; do
                case "$_tka_arg" in
                    -e|--no-eval|-h|-\?|--help|-o*|--output|--output=*|--print|--shell) command tka "$@"; return ;;
                esac
            done
            _tka_out=$(command tka "$@" --eval {{shell}})
            _tka_code=$?
            [ "$_tka_code" -eq 0 ] && eval "$_tka_out"
            # In $(tka login --quiet) that is lost: there it is for whoever started the subshell to evaluate.
            [ "${{{depth}}:-0}" -gt 0 ] && case " $* " in
                *' -q '*|*' --quiet '*) printf '%s\n' "$_tka_out" ;;
            esac
            return "$_tka_code"
        }

        """;

    private const string Fish = """
        # Shell integration for tka. Put this line into ~/.config/fish/config.fish:
        #   tka generate integration fish | source
        function tka --wraps tka --description 'Short-lived Kubernetes access'
            switch "$argv[1] $argv[2]"
                case 'login *' 'signin *' 'auth *' 'reauthenticate *' 'reauth *' 'refresh *' 'logout *' 'signout *' 'kubeconfig *' 'use *' 'get kubeconfig'
                case '*'
                    command tka $argv
                    return
            end
            for _tka_arg in $argv
                switch $_tka_arg
                    case -e --no-eval -h '-\?' --help '-o*' --output '--output=*' --print --shell
                        command tka $argv
                        return
                end
            end
            set -l _tka_out (command tka $argv --eval fish)
            set -l _tka_code $status
            if test $_tka_code -eq 0
                for _tka_line in $_tka_out
                    eval $_tka_line
                end
            end
            return $_tka_code
        end

        """;

    private const string PowerShell = """
        # Shell integration for tka. Put this line into $PROFILE:
        #   tka generate integration powershell | Out-String | Invoke-Expression
        function tka {
            $program = (Get-Command tka -CommandType Application | Select-Object -First 1).Source
            $changes = @('login', 'signin', 'auth', 'reauthenticate', 'reauth', 'refresh', 'logout', 'signout', 'kubeconfig', 'use')
            $evaluates = $args.Count -gt 0 -and ($changes -contains $args[0] -or ($args.Count -gt 1 -and "$($args[0]) $($args[1])" -eq 'get kubeconfig'))
            foreach ($word in $args) {
                if ("$word" -cmatch '^(-e|--no-eval|-h|-\?|--help|-o.*|--output(=.*)?|--print|--shell)$') { $evaluates = $false }
            }
            if (-not $evaluates) {
                & $program @args
                return
            }
            $lines = & $program @args --eval powershell
            if ($LASTEXITCODE -eq 0 -and $lines) { Invoke-Expression ($lines -join "`n") }
        }

        """;
}
