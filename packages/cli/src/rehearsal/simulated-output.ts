import { Writable } from 'node:stream';
import type { Output } from '../process/terminal.js';

/** What stands before every line of a rehearsal. */
export const SIMULATED_MARK = '[simulated] ';

/**
 * An output that says of each line that it is about a simulated board: nobody who sees a part of it, later or in a log,
 * takes it for the real one. Objects of JSON lines get the key `simulated`.
 */
export function simulatedOutput(output: Output, { json }: { readonly json: boolean }): Output {
  return new Writable({
    decodeStrings: false,
    write(chunk: Buffer | string, _encoding, done) {
      output.write(marked(String(chunk), json));
      done();
    },
  }) as Output;
}

/** @param text - whole lines, as reporters write them */
function marked(text: string, json: boolean): string {
  return text.replaceAll(/^.*\n/gm, (line) => {
    if (line === '\n') return line;
    return json ? line.replace(/^\{/, '{"simulated":true,') : `${SIMULATED_MARK}${line}`;
  });
}
