"""The scripts that make shells ask ``cubectl __complete``.

They hand over the words up to the cursor and get a candidate a line, with what it
means behind a tab. A lone ``:files`` asks for the names of files.
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
    case ${COMPREPLY[0]-} in
        :files) COMPREPLY=(); compopt -o default ;;
        # More of the word is to follow.
        *=|*/) compopt -o nospace ;;
    esac
}
complete -F __cubectl_complete cubectl
"""

ZSH = """\
#compdef cubectl
# zsh completion for cubectl
_cubectl() {
    local -a values texts begun begun_texts
    local line value
    while IFS= read -r line; do
        value="${line%%$'\\t'*}"
        if [[ $value == *(=|/) ]]; then
            # More of the word is to follow.
            begun+=("$value")
            begun_texts+=("${line/$'\\t'/  -- }")
        else
            values+=("$value")
            texts+=("${line/$'\\t'/  -- }")
        fi
    done < <(cubectl __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
    if [[ ${values[1]-} == :files ]]; then
        # Of a flag and its value in one word, the value is to be completed.
        compset -P '*='
        _files
    else
        compadd -l -d texts -- ${values}
        compadd -l -d begun_texts -S '' -- ${begun}
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
    if test "$found" = :files
        __fish_complete_path (commandline -ct)
    else if test (count $found) -gt 0
        printf '%s\\n' $found
    end
end
complete -c cubectl -f -a '(__cubectl_complete)'
"""

OF = {"bash": BASH, "zsh": ZSH, "fish": FISH}
"""The script of each shell."""
