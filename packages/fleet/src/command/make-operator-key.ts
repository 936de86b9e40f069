import { writeFile } from 'node:fs/promises';
import type { CommandContext } from '@turingpi/cli/plugin';
import { newOperatorKey, privateKeyOf, publicLineOf } from '../approval/operator-key.js';
import { FleetError } from '../orchestrator/fleet-error.js';
import { type FleetWords, needed } from './fleet-words.js';

/** `turingpi fleet key`: makes a key with which an operator approves, and says its public half. */
export async function makeOperatorKey({ json, stdout }: CommandContext, words: FleetWords): Promise<number> {
  const file = needed(words.file, 'the new file');
  const pem = newOperatorKey();
  const key = privateKeyOf(pem);
  if (key === undefined) throw new TypeError('a new key is no key');
  await writeNew(file, pem);
  const line = publicLineOf(key);
  stdout.write(
    json
      ? `${JSON.stringify({ file, publicKey: line })}\n`
      : `${file}: keep it to yourself. For the fleet file:\n\noperators:\n  NAME: ${line}\n`,
  );
  return 0;
}

/**
 * Writes a file that only its owner reads, and no other over it.
 *
 * @throws FleetError `FLEET_FILE_EXISTS`, `FLEET_FILE_FAILED`
 */
export async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new FleetError('FLEET_FILE_EXISTS', `${file} exists already`, {
        hint: 'Give another name, or remove it.',
      });
    throw new FleetError('FLEET_FILE_FAILED', `${file} cannot be written: ${code}`, {
      cause,
      hint: 'Its folder must be there, and be yours to write to.',
    });
  }
}
