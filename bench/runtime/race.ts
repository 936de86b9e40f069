import { median } from '../median.js';

/** What one thing takes with us and with others, in seconds, round by round. */
export type Race = Readonly<Record<string, () => Promise<number>>>;

/** The seconds of each contender, a number a round. */
export type RaceResult = Readonly<Record<string, readonly number[]>>;

const ROUNDS = 3;

/** Runs every contender of a race once a round, in turn: what disturbs the computer disturbs all of them. */
export async function race(
  print: (line: string) => void,
  title: string,
  contenders: Race,
): Promise<RaceResult> {
  const seconds: Record<string, number[]> = {};
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [name, run] of Object.entries(contenders)) (seconds[name] ??= []).push(await run());
  print(title);
  for (const [name, times] of Object.entries(seconds))
    print(`  ${name.padEnd(28)} ${times.map((time) => `${time.toFixed(2)} s`).join(', ')}`);
  return seconds;
}

/** How many times as long as ours somebody else's takes: the ratio of the medians. */
export function ratio(seconds: RaceResult, theirs: string): number {
  return Number((median(seconds[theirs] ?? []) / median(seconds['ours'] ?? [])).toFixed(2));
}
