import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { configFileIn } from '../cluster/config-file-in.js';
import { PHASE_WORDS } from '../process/phase-words.js';
import type { Terminal } from '../process/terminal.js';
import type { Candidate, Completion, ValuesOf } from './complete-words.js';
import { type Declared, declaredIn } from './declared-nodes.js';

const NOTHING: Completion = { candidates: [] };
const IMAGE = /\.img(\.(xz|gz|zst|bz2|zip))?$/;

/**
 * Finds values for the command line: from the configuration, the cache and the catalogue, as they are just now. Nothing is
 * reached, and what cannot be read has no values.
 *
 * @param configFile - as it is named on the command line
 */
export function valuesInReach(terminal: Terminal, configFile: string | undefined): ValuesOf {
  const { cwd } = terminal;
  const declared = async (): Promise<Declared> => {
    const file = configFile === undefined ? configFileIn(cwd) : path.resolve(cwd, configFile);
    const text = file === undefined ? '' : await readFile(file, 'utf8').catch(() => '');
    return declaredIn(text, file === undefined ? cwd : path.dirname(file));
  };
  const nodes = async () => (await declared()).nodes;
  const placeOnNode = async (): Promise<Completion> => ({
    candidates: (await nodes()).map(({ value, ...about }) => ({ ...about, value: `${value}:/` })),
    paths: 'files',
  });
  const image = async (): Promise<Completion> => ({
    candidates: await imagesOfCache((await declared()).cacheDir ?? (await userCache())),
    paths: 'files',
  });
  const sources: Readonly<Record<string, () => Completion | Promise<Completion>>> = {
    node: async () => ({ candidates: await nodes() }),
    nodes: async () => ({ candidates: [...(await nodes()), { value: 'all' }] }),
    disks: async () => ({ candidates: [...(await nodes()), { value: 'new' }, { value: 'all' }] }),
    ...{ from: placeOnNode, to: placeOnNode },
    phase: () => ({ candidates: PHASE_WORDS.map((value) => ({ value })) }),
    ...{ image, before: image, after: image },
    'system/board=image': catalogue,
    code: codes,
    file: () => ({ candidates: [], paths: 'files' }),
    'file or url': () => ({ candidates: [], paths: 'files' }),
    dir: () => ({ candidates: [], paths: 'folders' }),
    folder: () => ({ candidates: [], paths: 'folders' }),
  };
  return async (kind) => (Object.hasOwn(sources, kind) ? await sources[kind]?.() : undefined) ?? NOTHING;
}

async function imagesOfCache(cacheDir: string): Promise<readonly Candidate[]> {
  const names = await readdir(cacheDir).catch(() => []);
  const images = names.filter((name) => IMAGE.test(name)).sort();
  return images.map((name) => ({ value: path.join(cacheDir, name), about: 'in the cache' }));
}

async function userCache(): Promise<string> {
  const { default: envPaths } = await import('env-paths');
  return envPaths('tpi', { suffix: '' }).cache;
}

async function catalogue(): Promise<Completion> {
  const { loadCatalog, OWN_CATALOG } = await import('@turingpi/provisioning');
  const { images } = await loadCatalog(OWN_CATALOG, { signal: AbortSignal.timeout(1000) });
  return {
    candidates: images.flatMap(({ os, boards, name }) =>
      boards.map((board) => ({ value: `${os}/${board}=${name}` })),
    ),
  };
}

async function codes(): Promise<Completion> {
  const { EXPLANATIONS } = await import('../explanation/explanations.js');
  return {
    candidates: EXPLANATIONS.flatMap((family) =>
      Object.entries(family.codes).map(([value, { means }]) => ({ value, about: means })),
    ),
  };
}
