import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Secret } from '@turingpi/core/plugin';
import { CleanupStack, NODE_IDS } from '@turingpi/foundation';
import { TemporalOrchestrator } from '@turingpi/fleet-temporal';
import type { Rollout } from '@turingpi/fleet/orchestrator';
import { MissingPrograms } from '../assert-programs.js';
import { requireTemporal, TemporalServer } from './temporal-server.js';

const CHILD = path.join(import.meta.dirname, 'fleet-child.js');
const LIMITS = { customise: 64, install: 64, postInstall: 64 };

/** In both forms the second one has ten times the boards of the first. */
const SIZES = { short: [20, 200], long: [200, 2000] } as const;

/**
 * A rollout over many simulated boards with four nodes each, whose steps are timers: what the engine itself costs. Temporal
 * keeps its data in SQLite; the controller and the agent are processes of their own.
 */
export async function benchFleet(
  print: (line: string) => void,
  { short }: { readonly short: boolean },
): Promise<Readonly<Record<string, number>>> {
  if (requireTemporal().missing) throw new MissingPrograms('the program `temporal` is not installed');
  const results: Record<string, number> = {};
  const cpu: number[] = [];
  const sizes = SIZES[short ? 'short' : 'long'];
  for (const boards of sizes) {
    const { wallS, cpuS, rssMb, p50, p99 } = await oneRollout(boards);
    const all = Object.values(cpuS).reduce((sum, each) => sum + each, 0);
    cpu.push(all);
    const eachMs = (all / boards) * 1000;
    print(`${boards} boards: ${wallS.toFixed(1)} s, ${eachMs.toFixed(0)} ms CPU per board`);
    print(`  CPU: ${list(cpuS, 's')}; memory: ${list(rssMb, 'MB')}`);
    print(`  from a step's end to the next one's begin: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`);
    results[`wall_s_${boards}`] = wallS;
    results[`cpu_ms_per_board_${boards}`] = eachMs;
    for (const [name, value] of Object.entries(cpuS)) results[`cpu_s_${name}_${boards}`] = value;
    for (const [name, value] of Object.entries(rssMb)) results[`rss_mb_${name}_${boards}`] = value;
    results[`dispatch_p50_ms_${boards}`] = p50;
    results[`dispatch_p99_ms_${boards}`] = p99;
  }
  const growth = (cpu[1] ?? NaN) / (cpu[0] ?? NaN);
  print(`growth of CPU ${growth.toFixed(2)} for ten times the boards (at most 11)`);
  return { ...results, most_boards: sizes[1], cpu_growth: growth };
}

function list(of: Readonly<Record<string, number>>, unit: string): string {
  return Object.entries(of)
    .map(([name, value]) => `${name} ${value.toFixed(1)} ${unit}`)
    .join(', ');
}

/** What one rollout has cost. */
interface Measured {
  readonly wallS: number;
  /** By process. */
  readonly cpuS: Readonly<Record<string, number>>;
  readonly rssMb: Readonly<Record<string, number>>;
  readonly p50: number;
  readonly p99: number;
}

async function oneRollout(boards: number): Promise<Measured> {
  await using cleanup = new CleanupStack();
  const temporal = cleanup.use('temporal', await TemporalServer.start());
  const key = randomBytes(32).toString('base64');
  const place = { address: temporal.address, fleet: 'bench' };
  const start = async (what: string) => {
    const given = JSON.stringify({ ...place, key, what, limits: LIMITS });
    const child = spawn(process.execPath, [CHILD, given], { stdio: ['pipe', 'pipe', 'inherit'] });
    cleanup.defer(what, () => void child.kill('SIGKILL'));
    const lines = createInterface({ input: child.stdout });
    await once(lines, 'line');
    return { pid: child.pid!, ask: (word: string) => (child.stdin.write(`${word}\n`), once(lines, 'line')) };
  };
  const controller = await start('controller');
  const agent = await start('agent');
  const pids = { temporal: temporal.pid!, controller: controller.pid, agent: agent.pid };
  const keys = [new Secret(key)] as const;
  const orchestrator = cleanup.use('orchestrator', await TemporalOrchestrator.connect({ ...place, keys }));
  const before = await usageOf(pids);
  const begin = performance.now();
  await orchestrator.start(rolloutOver(boards));
  const { outcome } = await orchestrator.ended('bench', AbortSignal.timeout(3_600_000));
  const wallS = (performance.now() - begin) / 1000;
  if (outcome !== 'completed') throw new Error(`the rollout ended as ${outcome}`);
  const after = await usageOf(pids);
  const [line] = (await agent.ask('gaps')) as [string];
  const gaps = (JSON.parse(line) as number[]).sort((a, b) => a - b);
  const cpuS = Object.fromEntries(
    Object.entries(after).map(([name, { cpu }]) => [name, cpu - (before[name]?.cpu ?? 0)]),
  );
  const rssMb = Object.fromEntries(Object.entries(after).map(([name, each]) => [name, each.rssMb]));
  return { wallS, cpuS, rssMb, p50: gaps[gaps.length >> 1]!, p99: gaps[Math.floor(gaps.length * 0.99)]! };
}

function rolloutOver(boards: number): Rollout {
  const nodes = NODE_IDS.map((node) => ({ node, plan: '0'.repeat(64) }));
  return {
    id: 'bench',
    sites: [{ id: 'bench', limits: LIMITS }],
    boards: Array.from({ length: boards }, (_, index) => ({ board: `board-${index}`, site: 'bench', nodes })),
    reinstall: false,
    policy: { atOnce: 16, windows: [], retry: { attempts: 3, firstDelayMs: 1000, maxDelayMs: 5000 } },
  };
}

/** Seconds of the processor, and memory. Linux tells the time in hundredths. */
async function usageOf(
  pids: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, { readonly cpu: number; readonly rssMb: number }>>> {
  const entries = Object.entries(pids).map(async ([name, pid]) => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const rssMb = Number(/VmRSS:\s*(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    return [name, { cpu: (Number(fields[11]) + Number(fields[12])) / 100, rssMb }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
