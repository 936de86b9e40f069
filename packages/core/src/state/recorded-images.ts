import os from 'node:os';
import path from 'node:path';
import { NODE_IDS, nodeName } from '@turingpi/foundation';
import { DEFAULT_STATE_FILE_NAME } from '../config/default-state-file-name.js';
import { PHASES } from '../phase/phase.js';
import { statesIn } from './find-state-files.js';
import { lifeOf } from './lease-owner.js';
import type { ClusterState } from './state-document.js';
import { StateFile } from './state-file.js';
import type { StateStore } from './state-store.js';

/** Who gave no sign of life for so long needs no image any more, in milliseconds: a day, whatever the clocks say. */
const SILENT_MS = 86_400_000;

/** What records say of the image files in a cache directory. */
export interface RecordedImages {
  /** SHA-256 (hex) by absolute path of every image that a phase made; undefined when it is not recorded. */
  readonly digests: ReadonlyMap<string, string | undefined>;
  /** A phase is being run, by a process that may be alive: one that nothing is known of, for a day after its last sign. */
  readonly running: boolean;
  /** There are records that cannot be understood: every image may be one that they count on. */
  readonly unreadable: boolean;
}

/**
 * Which image files the records in a cache directory name: those of a store, and those of every state file that is there.
 * They are only read: what is wrong with them, the next run says.
 *
 * @param own - the records of a configuration: the store that is open, and where its state file is or would be. Default:
 * the state file of configurations that name none.
 */
export async function recordedImages(
  cacheDir: string,
  own: { readonly state?: StateStore; readonly stateFile?: string } = {},
): Promise<RecordedImages> {
  const { state, stateFile = path.join(cacheDir, DEFAULT_STATE_FILE_NAME) } = own;
  const digests = new Map<string, string | undefined>();
  let running = false;
  let unreadable = false;
  const note = async (records: ClusterState, directory: string) => {
    for (const [file, sha256] of imagesIn(records, directory)) digests.set(file, sha256);
    running ||= await isBeingRun(records);
  };
  const found = await statesIn(cacheDir);
  for (const { file, state: records } of found) await note(records, path.dirname(file));
  if (state !== undefined) {
    try {
      await note(await state.load(), cacheDir);
    } catch {
      unreadable = true;
    }
  } else if (!found.some(({ file }) => file === stateFile)) unreadable = await isDamaged(stateFile);
  return { digests, running, unreadable };
}

/** @param directory - where relative paths start */
function* imagesIn(state: ClusterState, directory: string): Generator<readonly [string, string | undefined]> {
  for (const record of recordsIn(state))
    if (record.output_image_path !== undefined)
      yield [path.resolve(directory, record.output_image_path), record.output_sha256];
}

async function isBeingRun(state: ClusterState): Promise<boolean> {
  for (const { status, owner, timestamp } of recordsIn(state)) {
    if (status !== 'running' || owner === undefined) continue;
    const life = await lifeOf(owner, { host: os.hostname(), instance: '' });
    const isSilent = Date.now() - Date.parse(owner.heartbeat ?? timestamp) > SILENT_MS;
    if (life !== 'gone' && !(life === 'unknown' && isSilent)) return true;
  }
  return false;
}

function recordsIn(state: ClusterState) {
  return NODE_IDS.map(nodeName).flatMap((node) => PHASES.flatMap((phase) => state[node]?.[phase] ?? []));
}

function isDamaged(stateFile: string): Promise<boolean> {
  return new StateFile(stateFile).read().then(
    () => false,
    () => true,
  );
}
