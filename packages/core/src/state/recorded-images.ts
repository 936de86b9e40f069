import os from 'node:os';
import path from 'node:path';
import { NODE_IDS, type NodeName, nodeName } from '@turingpi/foundation';
import { DEFAULT_STATE_FILE_NAME } from '../config/default-state-file-name.js';
import { PHASES } from '../phase/phase.js';
import { statesIn } from './find-state-files.js';
import { lifeOf } from './lease-owner.js';
import type { ClusterState, PhaseRecord } from './state-document.js';
import { StateFile } from './state-file.js';
import type { StateStore } from './state-store.js';

/** Who gave no sign of life for so long needs no image any more, in milliseconds: a day, whatever the clocks say. */
const SILENT_MS = 86_400_000;

/** What records say of the image files in a cache directory. */
export interface RecordedImages {
  /**
   * SHA-256 (hex) by absolute path of every image that a phase made; undefined when it is not recorded, and for those that
   * only installations were made from.
   */
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
    // What lies there may have been made for the next installation already.
    for (const [file] of installedIn(records, directory))
      if (!digests.has(file)) digests.set(file, undefined);
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

/** The images that the records of nodes name, with their digests (hex) where these are recorded, by absolute path. */
export function imagesOfNodes(
  state: ClusterState,
  directory: string,
): ReadonlyMap<NodeName, ReadonlyMap<string, string | undefined>> {
  const images = NODE_IDS.map(nodeName).map((node) => {
    const own: ClusterState = { [node]: state[node] };
    return [node, new Map([...installedIn(own, directory), ...imagesIn(own, directory)])] as const;
  });
  return new Map(images);
}

/** An image file, absolute, with its SHA-256 (hex) where that is recorded. */
type NamedImage = readonly [file: string, sha256: string | undefined];

/** @param directory - where relative paths start */
function* imagesIn(state: ClusterState, directory: string): Generator<NamedImage> {
  for (const record of recordsIn(state))
    if (record.output_image_path !== undefined)
      yield [path.resolve(directory, record.output_image_path), record.output_sha256];
}

/** What nodes were installed from, or are about to be: the image that stands until another one does. */
function* installedIn(state: ClusterState, directory: string): Generator<NamedImage> {
  for (const { image, written, previous } of recordsIn(state))
    for (const installed of [image, written?.image, (previous as PhaseRecord | undefined)?.image]) {
      const { path: file, sha256 } = installed?.output ?? {};
      if (typeof file === 'string')
        yield [path.resolve(directory, file), typeof sha256 === 'string' ? sha256 : undefined];
    }
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
