import { expect, test } from 'vitest';
import { BanList } from './ban-list.js';

const SECOND = 1_000_000_000n;

test('the fifth failure bans for a minute, each further one after it twice as long, up to 17 hours', () => {
  let now = 0n;
  const bans = new BanList(5, () => now);
  for (let failure = 1; failure <= 4; failure += 1) bans.fail('a');
  expect(bans.remaining('a')).toBeUndefined();
  const lengths: bigint[] = [];
  for (let ban = 0; ban < 13; ban += 1) {
    bans.fail('a');
    lengths.push(bans.remaining('a')! / SECOND);
    now += bans.remaining('a')!;
    expect(bans.remaining('a')).toBeUndefined();
  }
  expect(lengths.slice(0, 3)).toEqual([60n, 120n, 240n]);
  expect(lengths.at(-1)).toBe(61_440n);
});

test('bans are per address, and a success forgets them', () => {
  const bans = new BanList(5, () => 0n);
  bans.ban('a');
  expect(bans.remaining('a')).toBe(60n * SECOND);
  expect(bans.remaining('b')).toBeUndefined();
  bans.forgive('a');
  expect(bans.remaining('a')).toBeUndefined();
});
