namespace TKA.Cli.Shells;

/// <summary>
/// Shell code that prints <c>(tka view@dev 7h59m) </c> for a prompt. It reads the file with the session's end each time, so renewing and
/// <c>tka use</c> change it, and starts no process.
/// </summary>
internal static class PromptMark
{
    /// <summary>The function <c>_tka_mark BEFORE AFTER</c> for sh, bash and zsh; the arguments stand around escape sequences.</summary>
    /// <param name="file">The file with the session's end.</param>
    public static string Posix(string file) => $$"""
        _tka_mark() {
            read -r _tka_until _tka_text _tka_colour 2>/dev/null <{{ShellSyntax.Quote(file)}} || return
            _tka_left=$((_tka_until - ${EPOCHSECONDS:-$(date +%s)}))
            [ "$_tka_left" -ge 300 ] || _tka_colour=31
            if [ "$_tka_left" -le 0 ]; then _tka_left=over
            elif [ "$_tka_left" -lt 60 ]; then _tka_left=${_tka_left}s
            elif [ "$_tka_left" -lt 3570 ]; then _tka_left=$(((_tka_left + 30) / 60))m
            else _tka_left=$(((_tka_left + 30) / 3600))h$(((_tka_left + 30) % 3600 / 60))m; _tka_left=${_tka_left%h0m}; case $_tka_left in *m) ;; *) _tka_left=${_tka_left}h ;; esac
            fi
            [ -z "${NO_COLOR-}" ] && [ "$_tka_colour" != - ] || { printf '(tka %s %s) ' "$_tka_text" "$_tka_left"; return; }
            printf '%b\033[%sm%b(tka %s %s)%b\033[0m%b ' "$1" "$_tka_colour" "$2" "$_tka_text" "$_tka_left" "$1" "$2"
        }

        """;

    /// <summary>The same as a function of fish.</summary>
    public static string Fish(string file) => $$"""
        function _tka_mark
            read -l -d ' ' end text colour <{{ShellSyntax.QuoteFish(file)}} 2>/dev/null; or return
            set -l left (math $end - (date +%s))
            set -l show $left's'
            test $left -lt 300; and set colour 31
            if test $left -le 0
                set show over
            else if test $left -ge 3570
                set -l minutes (math "floor(($left + 30) / 60)")
                set show (math "floor($minutes / 60)")h(math "$minutes % 60")m
                set show (string replace -r '(h)0m$' '$1' -- $show)
            else if test $left -ge 60
                set show (math "floor(($left + 30) / 60)")m
            end
            if test -z "$NO_COLOR"; and test "$colour" != -
                printf '\e[%sm(tka %s %s)\e[0m ' $colour $text $show
            else
                printf '(tka %s %s) ' $text $show
            end
        end

        """;

    /// <summary>The same as a function of PowerShell.</summary>
    public static string PowerShell(string file) => $$"""
        function global:_tka_mark {
            $until, $text, $colour = (Get-Content -LiteralPath {{ShellSyntax.QuotePowerShell(file)}} -ErrorAction SilentlyContinue) -split ' '
            if (-not $text) { return '' }
            $left = [long]$until - [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
            if ($left -lt 300) { $colour = '31' }
            $minutes = [math]::Floor(($left + 30) / 60)
            $show = if ($left -le 0) { 'over' } elseif ($left -lt 60) { "$($left)s" } elseif ($minutes -lt 60) { "$($minutes)m" } elseif ($minutes % 60) { "$([math]::Floor($minutes / 60))h$($minutes % 60)m" } else { "$($minutes / 60)h" }
            if ($env:NO_COLOR -or $colour -eq '-') { "(tka $text $show) " } else { "$([char]27)[$($colour)m(tka $text $show)$([char]27)[0m " }
        }

        """;
}
