import { quoteArgument } from '../command/quote-command.js';
import { oneLine } from './command-envelope.js';

/** What a fed shell prints on stdout when it takes commands. */
export const FED_SHELL_READY = '{ready}';

/**
 * A shell that runs one command after the other: `sh` text that reads frames ({@link renderFrame}) from standard input.
 *
 * @remarks
 * A command runs in a subshell, with standard input, variables and working directory of its own. After it, the shell
 * looks whether something of it lives on: what was started meanwhile has a process number between the one that was the
 * newest before (the last word of /proc/loadavg) and the one that is the newest now. A process in that range that is in
 * our session, holds one of our streams, or does not let us look, makes the shell say `-`: it takes no more commands,
 * since that process might speak into the output of the next, and would be ended with it. Kernel threads (children of
 * 2) and the dead are passed over. Where any of this cannot be had (no such /proc, a shell without `-ef`) it ends at once.
 *
 * Nothing of a command is in anybody's arguments, where all users of the node could read it.
 */
export const FED_SHELL = `exec 6>&2 || exit 9
tpi_b() { read -r tpi_x tpi_x tpi_x tpi_x tpi_p </proc/loadavg; }
tpi_e() {
printf '{%s:}' "$2" >&6
tpi_r="{$2:$1"
tpi_z=+
read -r tpi_x tpi_x tpi_x tpi_x tpi_l </proc/loadavg
if [ "$tpi_l" -lt "$tpi_p" ] || [ $((tpi_l - tpi_p)) -gt 500 ]; then tpi_z=-; fi
while [ $tpi_z = + ] && [ "$tpi_p" -lt "$tpi_l" ]; do
tpi_p=$((tpi_p + 1))
[ -e /proc/$tpi_p ] || continue
IFS= read -r tpi_x </proc/$tpi_p/stat || continue
set -- \${tpi_x##*) }
case $1 in Z|X|x) continue;; esac
if [ "$2" = 2 ]; then continue; fi
if [ "$4" = "$tpi_q" ] || [ ! -r /proc/$tpi_p/fd ]; then tpi_z=-; fi
for tpi_x in /proc/$tpi_p/fd/*; do
if [ "$tpi_x" -ef /proc/$$/fd/1 ] || [ "$tpi_x" -ef /proc/$$/fd/6 ]; then tpi_z=-; fi
done
done
printf '%s%s}' "$tpi_r" $tpi_z
}
{
[ -e /proc/1/stat ] && [ -r /proc/$$/fd ] || exit 9
[ /proc/self/fd/1 -ef /proc/$$/fd/1 ] || exit 9
[ /proc/self/fd/0 -ef /proc/$$/fd/1 ] && exit 9
IFS= read -r tpi_x </proc/$$/stat || exit 9
set -- \${tpi_x##*) }
tpi_q=$4
tpi_b && ( : ) && read -r tpi_x tpi_x tpi_x tpi_x tpi_l </proc/loadavg && [ "$tpi_l" -gt "$tpi_p" ] || exit 9
} 2>/dev/null
printf '${FED_SHELL_READY}'
while IFS= read -r tpi_s; do { eval "$tpi_s"; } 2>/dev/null; done`;

/** A command as a fed shell gets it. */
export interface FedCommand {
  /** A line for `sh`. */
  readonly line: string;
  /** Whether the line is a program with quoted arguments, which needs no shell of its own. */
  readonly isProgram: boolean;
  /** Standard input, any bytes. */
  readonly input?: Uint8Array | undefined;
}

// A shell of its own: `$$`, `exit`, `trap` and `set` are the line's own business, as they are on a channel of its own.
const OWN_SHELL = `exec sh -c 'eval "unset tpi_l; $tpi_l"'`;

/**
 * One command for a fed shell, with its line end.
 *
 * @param id - Unguessable. Stdout ends with `{id:EXITCODE+}`, or `-}` when the shell takes no more; stderr with `{id:}`.
 */
export function renderFrame(id: string, { line, isProgram, input }: FedCommand): string {
  const body = isProgram ? line : `tpi_l=${quoteArgument(line)}; export tpi_l; ${OWN_SHELL}`;
  const fed = input !== undefined && input.length > 0;
  const run = fed ? `printf %b '${escapeBytes(input)}' | ( ${body} )` : `( ${body} ) </dev/null`;
  return `${oneLine(`tpi_b; ${run} 2>&6 6>&-; tpi_e $? ${id}`)}\n`;
}

/** Bytes for `printf %b` within single quotes. */
function escapeBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c;
    text += plain ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, '0')}`;
  }
  return text;
}
