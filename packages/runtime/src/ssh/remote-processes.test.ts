import { describe, expect, it } from 'vitest';
import { parseProcessStat, processRoots } from './remote-processes.js';

describe('where the processes of a command are found', () => {
  it('is read from what the system says of its shell, whatever the shell is called', () => {
    expect(parseProcessStat('31 (sh) S 30 30 30 0 -1 4194304')).toEqual({ pid: 31, parent: 30, session: 30 });
    expect(parseProcessStat('31 (a) R 1 (b) S 30 29 28 0')).toEqual({ pid: 31, parent: 30, session: 28 });
    for (const line of [undefined, '', 'no', '31 sh S 1 2 3']) expect(parseProcessStat(line)).toBeUndefined();
  });

  it('is the whole session only where the server made one for the command', () => {
    const outer = { pid: 31, parent: 30, session: 30 };
    expect(processRoots(outer, undefined)).toEqual(['31:30', '30']);
    expect(processRoots({ ...outer, session: 31 }, undefined)).toEqual(['31:31', '31']);
    expect(processRoots({ ...outer, session: 7 }, undefined)).toEqual(['31:7']);
    expect(processRoots(outer, { pid: 40, parent: 33, session: 30 })).toEqual(['31:30', '40:30', '30']);
    expect(processRoots(outer, { pid: 40, parent: 33, session: 33 })).toEqual(['31:30', '40:33', '30', '33']);
    expect(processRoots({ ...outer, session: 7 }, { pid: 40, parent: 33, session: 7 })).toEqual([
      '31:7',
      '40:7',
    ]);
  });
});
