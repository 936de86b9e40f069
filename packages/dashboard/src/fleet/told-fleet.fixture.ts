import { EventEmitter, once } from 'node:events';
import type { FleetSource } from './fleet-source.js';
import type { FleetBoardState, FleetBoardView, FleetView, SiteView } from './fleet-view.js';

/** A fleet of which a test tells the pictures. */
export class ToldFleet implements FleetSource {
  readonly #news = new EventEmitter();
  #views: FleetView[];
  #ended = false;
  /** The rollouts that were asked to end. */
  readonly cancelled: string[] = [];

  constructor(...views: readonly FleetView[]) {
    this.#views = [...views];
  }

  tell(view: FleetView): void {
    this.#views.push(view);
    this.#news.emit('news');
  }

  end(): void {
    this.#ended = true;
    this.#news.emit('news');
  }

  async *views(signal: AbortSignal): AsyncGenerator<FleetView> {
    for (;;) {
      const [next] = this.#views.splice(0, 1);
      if (next !== undefined) yield next;
      else if (this.#ended) return;
      else await once(this.#news, 'news', { signal });
    }
  }

  async cancel(rollout: string): Promise<void> {
    this.cancelled.push(rollout);
    await Promise.resolve();
  }
}

const AT = '2026-11-30T10:05:00.000Z';

/** Two sites in the middle of a rollout: one board failed, one is tried again, an agent is silent, a site drains. */
export function sampleFleet(changes: Partial<FleetView> = {}): FleetView {
  const page = 'https://temporal.example:8080/namespaces/default/workflows';
  const board = (name: string, state: FleetBoardState, nodes: FleetBoardView['nodes'] = []) => ({
    ...{ board: name, state, rollout: 'second', nodes },
    page: `${page}/labs%2Fboard%2F${name}`,
  });
  const stalled = {
    code: 'BMC_FLASH_STALLED',
    message: 'the board has written nothing for 60 s',
    hint: 'Look at the board, then run `turingpi fleet up` again.',
  };
  const lost = {
    code: 'AGENT_LOST',
    message: 'the agent that did it has given no sign of life for too long',
  };
  return {
    fleet: 'labs',
    at: AT,
    engine: { name: 'temporal', page },
    rollouts: [
      {
        id: 'second',
        state: 'running',
        startedAt: '2026-11-30T10:00:00.000Z',
        atOnce: 2,
        boards: [
          { board: 'rack1', site: 'north', state: 'failed' },
          { board: 'rack2', site: 'north', state: 'running' },
          { board: 'rack3', site: 'south', state: 'waiting' },
        ],
        page: `${page}/labs%2Frollout%2Fsecond`,
      },
      {
        id: 'first',
        state: 'stopped',
        startedAt: '2026-11-30T09:00:00.000Z',
        endedAt: '2026-11-30T09:10:00.000Z',
        boards: [{ board: 'rack1', site: 'north', state: 'completed' }],
      },
    ],
    sites: [
      {
        site: 'north',
        draining: false,
        agents: [
          { agent: 'one', alive: true, seenAt: '2026-11-30T10:04:48.000Z' },
          { agent: 'two', alive: false, seenAt: '2026-11-30T10:01:00.000Z' },
        ],
        boards: [
          board('rack1', 'failed', [
            { node: 1, state: 'completed', step: 'post' },
            { node: 2, state: 'failed', step: 'install', failure: stalled },
          ]),
          board('rack2', 'running', [
            { node: 1, state: 'running', step: 'install' },
            { node: 2, state: 'running', step: 'image', failure: lost },
          ]),
        ],
      },
      {
        site: 'south',
        draining: true,
        agents: [{ agent: 'one', alive: true, seenAt: AT }],
        boards: [board('rack3', 'waiting'), { board: 'rack4', state: 'idle', nodes: [] }],
      },
      { site: 'west', draining: false, agents: [], boards: [] },
    ],
    ...changes,
  };
}

/** One site with so many boards of four nodes. */
export function largeFleet(boards: number): FleetView {
  const all = Array.from({ length: boards }, (_, index): FleetBoardView => ({
    board: `rack${index + 1}`,
    state: index % 3 === 0 ? 'running' : 'completed',
    rollout: 'large',
    nodes: ([1, 2, 3, 4] as const).map((node) => ({
      ...{ node, state: index % 3 === 0 ? 'running' : 'completed', step: 'install' },
    })),
  }));
  const site: SiteView = { site: 'north', draining: false, agents: [], boards: all };
  return {
    ...{ fleet: 'labs', at: AT, sites: [site] },
    rollouts: [
      {
        ...{ id: 'large', state: 'running', startedAt: AT },
        boards: all.map(({ board, state }) => ({ board, site: 'north', state })),
      },
    ],
  };
}
