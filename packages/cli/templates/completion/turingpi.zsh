#compdef turingpi
# Completion of turingpi for zsh: eval "$(turingpi completion zsh)", or as a file _turingpi in a folder of $fpath
#
# Asks `turingpi complete -- WORDS`, with the word at the cursor last. The first line of the answer says what the shell adds
# itself, `files`, `folders` or `nothing`; each further one is a word and, after a tab, what it is.
_turingpi() {
  local -a lines described
  local line
  lines=("${(@f)$("${(Q)words[1]}" complete -- "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
  for line in "${(@)lines[2,-1]}"; do
    described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  (( $#described )) && _describe -V turingpi described
  case $lines[1] in
    files) compset -P '*='; _files ;;
    folders) compset -P '*='; _files -/ ;;
  esac
}
if [[ $funcstack[1] == _turingpi ]]; then
  _turingpi "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _turingpi turingpi
fi
