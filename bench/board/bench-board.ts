import {
  type BoardFacts,
  CM4,
  modelFlash,
  modelNetwork,
  modelOneFlash,
  RK1,
  SOURCES,
} from './board-model.js';

/** What a whole board takes by flashing and over the network: a model, and no measurement. */
export function benchBoard(print: (line: string) => void): Promise<Record<string, number>> {
  print('A model, not a measurement. What it stands on:');
  for (const source of SOURCES) print(`- ${source}`);
  const results: Record<string, number> = {};
  for (const facts of [RK1, CM4]) {
    const [flash, network] = [modelFlash(facts), modelNetwork(facts)];
    print(describe(facts, flash, network));
    results[`modelled_${facts.name}_minutes`] = round(network / 60);
    results[`modelled_${facts.name}_flash_minutes`] = round(flash / 60);
    results[`modelled_${facts.name}_one_flash_minutes`] = round(modelOneFlash(facts) / 60);
    results[`modelled_${facts.name}_ratio`] = round(flash / network);
  }
  return Promise.resolve(results);
}

function describe({ name, rawBytes, usedBytes }: BoardFacts, flash: number, network: number): string {
  const size = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  return `four ${name}, ${size(rawBytes)} of which ${size(usedBytes)} are in use: ${minutes(flash)} by flashing, ${minutes(network)} over the network`;
}

function minutes(seconds: number): string {
  return `${(seconds / 60).toFixed(1)} min`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
