import { describe, expect, it } from 'vitest';
import { checkTimezone } from './locale.js';

describe('a time zone', () => {
  it.each([
    ...['Europe/Berlin', 'Etc/UTC', 'UTC', 'Etc/GMT+3', 'America/Argentina/Ushuaia', 'CET', 'EST5EDT'],
    ...['US/Eastern', 'Asia/Kolkata', 'Asia/Calcutta', 'Europe/Kyiv', 'Zulu', 'posix/Europe/Berlin'],
  ])('may be %s', (name) => {
    expect(() => {
      checkTimezone(name);
    }).not.toThrow();
  });

  it.each([
    ['Europe/Berln', 'Europe/Berlin'],
    ['europe/berlin', 'Europe/Berlin'],
    ['Berlin', 'Europe/Berlin'],
    ['Etc/UCT+99', undefined],
    ['America/New York', 'America/New_York'],
    ['+01:00', undefined],
    ['../Europe/Berlin', 'Europe/Berlin'],
    ['Mars', undefined],
    ['', undefined],
  ])('is not %j, for which %s is meant', (name, meant) => {
    const code = 'TIMEZONE_INVALID';
    let thrown: unknown;
    try {
      checkTimezone(name);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code });
    expect(/did you mean (.*)\?$/.exec((thrown as Error).message)?.[1]).toBe(meant);
  });
});
