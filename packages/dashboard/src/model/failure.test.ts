import { describe, expect, it } from 'vitest';
import { eventfulRun } from '../sample-run.fixture.js';
import { foldRun } from './advance-run.js';
import { failuresOf } from './failure.js';

const { nodes } = foldRun(eventfulRun());

describe('what went wrong on a node', () => {
  it('is told once, with every place where it was met', () => {
    expect(
      nodes.map((node) => failuresOf(node).map(({ code, where, blocked }) => [code, where, blocked])),
    ).toEqual([
      [],
      [['ERASE_NOT_APPROVED', [{ phase: 'os_installation' }], true]],
      [['BMC_FLASH_STALLED', [{ phase: 'os_installation' }], false]],
      [
        [
          'COMMAND_FAILED',
          [{ index: 11, action: 'remote.aptInstall' }, { phase: 'post_installation' }],
          false,
        ],
      ],
    ]);
  });

  it('has the hint and the console of whoever told them', () => {
    const [failure] = failuresOf(nodes[2]!);
    expect(failure!.hint).toContain('turingpi doctor');
    expect(failure!.console).toHaveLength(3);
  });

  it('keeps different errors apart', () => {
    const node = nodes[3]!;
    const other = { code: 'OTHER', message: 'm' };
    expect(failuresOf({ ...node, failure: other }).map(({ code }) => code)).toEqual([
      'COMMAND_FAILED',
      'OTHER',
    ]);
  });
});
