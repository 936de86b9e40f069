import { describe, expect, test } from 'vitest';
import type { BoardApi } from '../api/board-api.js';
import { BmcError } from '../errors/bmc-error.js';
import { detectCapabilities } from './capabilities.js';

const unsupported = () => Promise.reject(new BmcError('BMC_NOT_SUPPORTED', 'Invalid `type` parameter'));

function board(answers: Partial<Record<'about' | 'other' | 'nodeNotes', unknown>>): BoardApi {
  const api = Object.fromEntries(
    ['about', 'other', 'nodeNotes'].map((name) => {
      const answer = answers[name as 'about'];
      return [name, answer === undefined ? unsupported : () => Promise.resolve(answer)];
    }),
  );
  return api as unknown as BoardApi;
}

describe('detectCapabilities', () => {
  test.each([
    ['2.3.7', { about: { bmcdVersion: '2.3.7', version: 'v2.2.0' } }, '2.3.7', true],
    ['2.3.4', { about: { version: '2.3.4' } }, '2.3.4', true],
    ['2.0.5', { about: { version: '2.0.5' } }, '2.0.5', false],
    ['2.0.1, without about', { other: { version: '2.0.1' } }, '2.0.5', false],
    ['a fork', { about: { bmcdVersion: '2.3.7-hive.4' } }, '2.3.7', true],
    ['a prerelease of the fork', { about: { bmcdVersion: '2.4.0', version: 'v2.3.0' } }, 'fork', true],
    ['the fork', { about: { bmcdVersion: '2.38.4', version: 'v2.42.0' } }, 'fork', true],
    ['the fork on a development image', { about: { bmcdVersion: '2.37.0', version: 'local' } }, 'fork', true],
    [
      'the number of a firmware, not of a daemon',
      { about: { version: 'v2.20.0' }, nodeNotes: {} },
      'unknown',
      true,
    ],
    [
      'an unreadable one that has node_info',
      { about: { bmcdVersion: 'git' }, nodeNotes: {} },
      'unknown',
      true,
    ],
    ['an unreadable one that has not', { about: { version: '2024.05.1' } }, 'unknown', false],
  ])('%s', async (_name, answers, profile, modern) => {
    const found = await detectCapabilities(board(answers), {});
    expect(found).toMatchObject({
      profile,
      decodesXz: modern,
      checksSha256: modern,
      consoleKeepsHistory: modern,
    });
  });

  test.each([
    ['2.3.7', []],
    ['2.4.0', ['firmwareSlots', 'keepsNodesOn', 'liveConsole']],
    ['2.21.0', ['firmwareSlots', 'holdsCooling', 'keepsNodesOn', 'liveConsole']],
    ['2.22.0', ['firmwareSlots', 'holdsCooling', 'keepsNodesOn', 'liveConsole', 'refusesRk1OnHub']],
    ['2.32.9', ['firmwareSlots', 'holdsCooling', 'keepsNodesOn', 'liveConsole', 'refusesRk1OnHub']],
    ['2.33.0', ['firmwareSlots', 'flashTargetsPort', 'holdsCooling', 'keepsNodesOn', 'liveConsole']],
    [
      '2.38.4',
      [
        'changesPassword',
        'firmwareSlots',
        'flashTargetsPort',
        'holdsCooling',
        'keepsNodesOn',
        'liveConsole',
        'sdCardFiles',
      ],
    ],
  ])('of the fork, %s has %j', async (bmcdVersion, expected) => {
    const found = await detectCapabilities(board({ about: { bmcdVersion } }), {});
    const ofFork = [
      'changesPassword',
      'firmwareSlots',
      'flashTargetsPort',
      'holdsCooling',
      'keepsNodesOn',
      'liveConsole',
      'refusesRk1OnHub',
      'sdCardFiles',
    ] as const;
    expect(ofFork.filter((name) => found[name])).toEqual(expected);
  });

  test('a connection that fails is no capability', async () => {
    const api = board({});
    api.about = () => Promise.reject(new BmcError('BMC_UNREACHABLE', 'gone'));
    await expect(detectCapabilities(api, {})).rejects.toMatchObject({ code: 'BMC_UNREACHABLE' });
  });
});
