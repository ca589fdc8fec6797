namespace TKA.Cli.Completion;

/// <summary>Completion scripts. Each is complete in itself and asks <c>tka __complete</c>, which answers in milliseconds; nothing else needs to be installed.</summary>
internal static class CompletionScripts
{
    /// <summary>Shells there is a script for.</summary>
    public static readonly string[] Shells = ["bash", "zsh", "fish", "powershell"];

    /// <summary>The script for a shell.</summary>
    public static string For(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        _ => PowerShell,
    };

    // bash splits words at = and :, so the line is split here once more, and what bash takes for an earlier word is cut off.
    private const string Bash = """
        # bash completion for tka. Load it with:  source <(tka completion bash)
        _tka() {
            local line=${COMP_LINE:0:COMP_POINT} out directive cur prefix item
            local -a words
            read -ra words <<<"$line"
            [[ $line == *[[:space:]] ]] && words+=("")
            cur=${words[${#words[@]}-1]}
            out=$(command tka __complete "${words[@]:1}" 2>/dev/null) || return
            directive=${out##*:}
            out=${out%:*}
            prefix=${cur%"${cur##*[=:]}"}
            COMPREPLY=()
            while IFS= read -r item; do
                item=${item%%$'\t'*}
                [[ -n $item ]] && COMPREPLY+=("${item#"$prefix"}")
            done <<<"$out"
            ((directive & 2)) && compopt -o nospace
            ((${#COMPREPLY[@]} == 0 && !(directive & 4))) && compopt -o default
            return 0
        }
        complete -F _tka tka

        """;

    private const string Zsh = """
        #compdef tka
        # zsh completion for tka. Load it with:  source <(tka completion zsh)
        # or put it into a directory of $fpath as _tka.
        _tka() {
            local out directive line value text
            local -a lines candidates
            out=$(command tka __complete "${(@)words[2,CURRENT]}" 2>/dev/null) || return 1
            lines=("${(@f)out}")
            directive=${lines[-1]#:}
            lines[-1]=()
            for line in "${lines[@]}"; do
                value=${line%%$'\t'*}
                text=""
                [[ $line == *$'\t'* ]] && text=${line#*$'\t'}
                candidates+=("${value//:/\\:}${text:+:$text}")
            done
            if (( ${#candidates} )); then
                if (( directive & 2 )); then
                    _describe -t tka tka candidates -S ''
                else
                    _describe -t tka tka candidates
                fi
            elif (( ! (directive & 4) )); then
                _files
            fi
        }
        if [[ ${funcstack[1]-} == _tka ]]; then
            _tka "$@"
        elif (( $+functions[compdef] )); then
            compdef _tka tka
        fi

        """;

    private const string Fish = """
        # fish completion for tka. Load it with:  tka completion fish | source
        # or save it as ~/.config/fish/completions/tka.fish.
        function __tka_complete
            set -l words (commandline -opc)
            set -l current (commandline -ct)
            test (count $current) -eq 0; and set current ""
            set -l lines (command tka __complete $words[2..-1] $current 2>/dev/null)
            test (count $lines) -eq 0; and return
            set -l directive (string replace ':' '' -- $lines[-1])
            set -e lines[-1]
            if test (count $lines) -gt 0
                printf '%s\n' $lines
            else if test (math "bitand($directive, 4)") -eq 0
                __fish_complete_path $current
            end
        end
        complete -c tka -e
        complete -c tka -f -a '(__tka_complete)'

        """;

    // Windows PowerShell drops empty arguments: an empty word is handed over as two quotes.
    private const string PowerShell = """
        # PowerShell completion for tka. Load it with:  tka completion powershell | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName tka -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $tka = (Get-Command tka -CommandType Application | Select-Object -First 1).Source
            $words = @($commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
            if ($wordToComplete -eq '') { $words += '""' }
            $lines = @(& $tka __complete @words 2>$null)
            $lines | Select-Object -SkipLast 1 | ForEach-Object {
                $value, $text = $_ -split "`t", 2
                if (-not $text) { $text = $value }
                [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $text)
            }
        }

        """;
}
