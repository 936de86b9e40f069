import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeId } from '@turingpi/foundation';
import type { ConsoleApi } from '../api/console-api.js';
import type { CallOptions } from '../session/call-options.js';
import { BootRecognizer, plainLine } from './boot-recognizer.js';
import { ConsoleRing } from './console-ring.js';

/** How long a console is listened to, and how often it is looked at, in milliseconds. */
export interface AnswerLimits {
  readonly answerMs: number;
  readonly answerPollMs: number;
}

/** What a waiting login, password question or shell ends with. */
const PROMPT = /\b(?:login|password|passwort|username)\s*:\s?$|[#$%>]\s?$/i;
/** What a kernel and systemd put before their lines. */
const SYSTEM_LINE = /^\[\s*\d+\.\d{3,}\] |^\[(?:\s{2}OK\s{2}|FAILED|DEPEND|\s{2}INFO\s)\] /;

/**
 * Whether something on a node's serial console answers now: an empty line is typed, and only what comes after it counts.
 *
 * @remarks
 * The BMC's buffer survives power cycles (docs/reference/bmc-protocol.md, "Serial console"), so what is in it says
 * nothing about now. A module in USB boot does not read its console. What a boot loader prints by itself is no answer.
 *
 * @param typed - false: nothing is typed, the console is only listened to, as it has to be while a boot loader counts down
 */
export async function consoleAnswers(
  api: ConsoleApi,
  node: NodeId,
  limits: AnswerLimits,
  options: CallOptions & { readonly keepsHistory: boolean; readonly typed: boolean },
): Promise<boolean> {
  const { keepsHistory, typed, ...call } = options;
  const ring = new ConsoleRing(keepsHistory);
  ring.next(await api.read(node, call));
  if (typed) await api.send(node, '', call);
  const until = performance.now() + limits.answerMs;
  let text = '';
  for (;;) {
    text += ring.next(await api.read(node, call));
    if (showsSystem(text) || (typed && endsWithPrompt(text))) return true;
    if (performance.now() > until) return false;
    await sleep(limits.answerPollMs, undefined, call.signal ? { signal: call.signal } : {}).catch(() =>
      call.signal?.throwIfAborted(),
    );
  }
}

/** Whether text of a console shows that more than a boot loader has run. Of when it is, its reader has to know. */
export function showsSystem(text: string): boolean {
  if (new BootRecognizer().feed(text).some(({ kind }) => kind !== 'bootloader')) return true;
  return text.split(/\r\n|\n|\r/).some((line) => SYSTEM_LINE.test(plainLine(line).trimStart()));
}

/** Whether somebody waits for a command: after an empty line, this is the answer. */
function endsWithPrompt(text: string): boolean {
  const last = plainLine(text.split(/\r\n|\n|\r/).at(-1) ?? '');
  return last.length < 200 && PROMPT.test(last);
}
