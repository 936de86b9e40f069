import { z } from 'zod';
import { StateError } from '../errors/state-error.js';
import { migrateState } from './migrate-state.js';
import { STATE_VERSION, type StateDocument, stateDocumentSchema } from './state-document.js';

/** Says that a text is no state file of ours. Never leaves this folder. */
export class DamagedState extends Error {}

/**
 * Reads the text of a state file.
 *
 * @param location - the file, for messages
 * @throws StateError `STATE_UNSUPPORTED_VERSION` for the file of a newer program; DamagedState for anything else.
 */
export function parseState(text: string, location: string): StateDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DamagedState('not JSON', { cause });
  }
  return stateOf(value, location);
}

/**
 * The records in what another store than the file has kept of them, in the layout of today.
 *
 * @param value - in the layout of the state file, with the `version` in which it was written
 * @param location - where it was, for messages
 * @throws StateError `STATE_UNSUPPORTED_VERSION` for the records of a newer program, `STATE_UNREADABLE` for anything else.
 */
export function readRecords(value: unknown, location: string): StateDocument {
  try {
    return stateOf(value, location);
  } catch (cause) {
    if (!(cause instanceof DamagedState)) throw cause;
    throw new StateError('STATE_UNREADABLE', `the records in ${location} are damaged`, {
      cause,
      hint: 'They are left as they are. Put back a copy, or use another place.',
    });
  }
}

function stateOf(value: unknown, location: string): StateDocument {
  const version = z.object({ version: z.int() }).safeParse(value);
  if (version.success && version.data.version > STATE_VERSION)
    throw new StateError(
      'STATE_UNSUPPORTED_VERSION',
      `the state in ${location} has version ${version.data.version}; this program knows version ${STATE_VERSION}`,
      { hint: 'Upgrade turingpi, or use another stateFileName.' },
    );
  const document = stateDocumentSchema.safeParse(migrateState(value));
  if (!document.success) throw new DamagedState('not a state document', { cause: document.error });
  return document.data;
}
