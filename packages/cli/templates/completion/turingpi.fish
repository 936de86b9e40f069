# Completion of turingpi for fish: turingpi completion fish | source
#
# Asks `turingpi complete -- WORDS`, with the word at the cursor last. The first line of the answer says what the shell adds
# itself, `files`, `folders` or `nothing`; each further one is a word and, after a tab, what it is.
function __turingpi_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l lines (command $words[1] complete -- $words[2..-1] "$typed" 2>/dev/null)
    printf '%s\n' $lines[2..-1]
    switch "$lines[1]"
        case files
            __fish_complete_path "$typed"
        case folders
            __fish_complete_directories "$typed"
    end
end
complete -c turingpi -f -a '(__turingpi_complete)'
