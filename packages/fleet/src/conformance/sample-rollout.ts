import type { Rollout, RolloutBoard } from '../orchestrator/rollout.js';

/** A rollout over `lab1` to `lab<count>`, all on site `here` but for those that `site` says otherwise. */
export function sampleRollout(
  id: string,
  {
    boards = 1,
    nodes = [1],
    site = () => 'here',
    policy = {},
    ...more
  }: Partial<Omit<Rollout, 'id' | 'boards' | 'policy'>> & {
    readonly boards?: number;
    readonly nodes?: readonly (1 | 2 | 3 | 4)[];
    readonly site?: (board: string) => string;
    readonly policy?: Partial<Rollout['policy']>;
  } = {},
): Rollout {
  const names = Array.from({ length: boards }, (_, index) => `lab${index + 1}`);
  const all = names.map((board): RolloutBoard => ({
    board,
    site: site(board),
    nodes: nodes.map((node) => ({ node, plan: String(node).repeat(64) })),
  }));
  const limits = { customise: 4, install: 4, postInstall: 4 };
  return {
    id,
    sites: [...new Set(all.map((board) => board.site))].map((one) => ({ id: one, limits })),
    boards: all,
    reinstall: false,
    policy: {
      atOnce: boards,
      windows: [],
      retry: { attempts: 3, firstDelayMs: 1, maxDelayMs: 10 },
      ...policy,
    },
    ...more,
  };
}
