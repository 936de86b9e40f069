import path from 'node:path';
import { BoardGuard } from '../board/board-guard.js';
import type { BoardId } from '../board/board-id.js';
import { BOARD_IDENTIFICATION } from '../di/tokens.js';
import { unwrittenState } from '../plan/unwritten-state.js';
import type { PluginRegistry } from '../plugin/plugin-registry.js';
import { NodeSecretsStore } from '../state/node-secrets.js';
import { nodeSecretsFileOf, SecretsFile } from '../state/secrets-file.js';
import type { StateStore } from '../state/state-store.js';
import type { ClusterParts } from './cluster-parts.js';

/** How long the board may take to say who it is, in milliseconds; longer, and it counts as not reachable. */
const IDENTIFY_MS = 10_000;

/** What is on record of a cluster's nodes, and whether it is about the board that answers. */
export interface ClusterRecords {
  readonly state: StateStore;
  readonly secrets: NodeSecretsStore;
  readonly guard: BoardGuard;
}

/** @param options - `unwritten`: as a plan may use them, nothing is written */
export function recordsOf(
  parts: ClusterParts,
  { unwritten = false }: { readonly unwritten?: boolean } = {},
): ClusterRecords {
  const { config, stateFile, registry, project, now, logger } = parts;
  const state = unwritten ? unwrittenState(parts.state) : parts.state;
  const text = parts.state.secrets ?? new SecretsFile(nodeSecretsFileOf(stateFile));
  const secrets = new NodeSecretsStore(text, {
    earlierKeyFile: path.join(config.cacheDir, 'credentials.key'),
    unwritten,
  });
  const guard = new BoardGuard({ state, ask: identification(registry), project, now, logger });
  return { state, secrets, guard };
}

/** How the board is asked who it is; undefined where nobody can. */
function identification(registry: PluginRegistry): ((signal: AbortSignal) => Promise<BoardId>) | undefined {
  if (!registry.has(BOARD_IDENTIFICATION)) return undefined;
  const identification = registry.service(BOARD_IDENTIFICATION);
  if (!identification.canTell) return undefined;
  return (signal) => identification.identify(AbortSignal.any([signal, AbortSignal.timeout(IDENTIFY_MS)]));
}
