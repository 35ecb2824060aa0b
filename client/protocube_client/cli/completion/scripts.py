"""The scripts that make shells ask ``cubectl __complete``.

They hand over the words up to the cursor and get a candidate a line, with what it
means behind a tab. Without candidates, file names are completed.
"""

from __future__ import annotations

BASH = """\
# bash completion for cubectl
__cubectl_complete() {
    local IFS=$'\\n' line
    COMPREPLY=()
    while read -r line; do
        COMPREPLY+=("${line%%$'\\t'*}")
    done < <(cubectl __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    # More of the word is to follow.
    case ${COMPREPLY[0]-} in *=|*/) compopt -o nospace ;; esac
}
complete -o default -F __cubectl_complete cubectl
"""

ZSH = """\
#compdef cubectl
# zsh completion for cubectl
_cubectl() {
    local -a values texts
    local line
    while IFS= read -r line; do
        values+=("${line%%$'\\t'*}")
        texts+=("${line/$'\\t'/  -- }")
    done < <(cubectl __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
    if (( ${#values} )); then
        compadd -l -d texts -S '' -- ${values}
    else
        _files
    fi
}
if [ "$funcstack[1]" = "_cubectl" ]; then
    _cubectl
else
    compdef _cubectl cubectl
fi
"""

FISH = """\
# fish completion for cubectl
function __cubectl_complete
    set -l words (commandline -opc)
    set -l found (cubectl __complete $words[2..-1] (commandline -ct) 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c cubectl -f -a '(__cubectl_complete)'
"""

OF = {"bash": BASH, "zsh": ZSH, "fish": FISH}
"""The script of each shell."""
