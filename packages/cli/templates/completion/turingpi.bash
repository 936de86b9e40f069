# Completion of turingpi for bash: eval "$(turingpi completion bash)"
#
# Asks `turingpi complete -- WORDS`, with the word at the cursor last. The first line of the answer says what the shell adds
# itself, `files`, `folders` or `nothing`; each further one is a word and, after a tab, what it is.
_turingpi() {
  local line=${COMP_LINE:0:COMP_POINT} adds= kept= value
  local -a words
  read -ra words <<<"$line" # readline splits at `=` and `:` as well
  [[ $line == *[[:space:]] ]] && words+=('')
  local typed=${words[${#words[@]} - 1]}
  # Of a word that readline has split, it wants what comes after the last of these.
  local breaks=${COMP_WORDBREAKS//[!=:]/}
  [[ -n $breaks && $typed == *["$breaks"]* ]] && kept=${typed%"${typed##*["$breaks"]}"}
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    if [[ -z $adds ]]; then adds=$value; else COMPREPLY+=("${value#"$kept"}"); fi
  done < <("$1" complete -- "${words[@]:1}" 2>/dev/null)
  case $adds in
    files) local kind=-f ;;
    folders) local kind=-d ;;
    *) local kind= ;;
  esac
  if [[ -n $kind ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen $kind -- "${typed##*=}")
  fi
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=:/] ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -F _turingpi turingpi
