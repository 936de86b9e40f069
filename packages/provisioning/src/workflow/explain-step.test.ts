import { formatPath } from '../../../core/src/config/describe-issues.js';
import { describe, expect, it } from 'vitest';
import { LineInFileAction } from '../action/line-in-file-action.js';
import { MkdirAction } from '../action/mkdir-action.js';
import { RunAction } from '../action/run-action.js';
import { WaitForAction } from '../action/wait-for-action.js';
import { explainStep } from './explain-step.js';
import { AmbiguousMode } from './file-mode.js';

const ACTIONS = [new RunAction(), new MkdirAction(), new WaitForAction(), new LineInFileAction()];

/** What is said of a step, as `key: message`. */
const said = (step: unknown): string[] =>
  explainStep(step, ACTIONS).map(({ path, message }) => `${formatPath(path)}: ${message}`);

describe('a step that is misspelt', () => {
  it.each<[step: unknown, ...told: string[]]>([
    [{ run: 'ls', onchange: [{ run: 'ls' }] }, 'onchange: unknown key, did you mean `onChange`?'],
    [{ run: 'ls', onse: 'x' }, 'onse: unknown key, did you mean `once`?'],
    [
      { rnu: 'ls', sduo: true },
      'rnu: unknown key, did you mean `run`?',
      'sduo: unknown key, did you mean `sudo`?',
    ],
    [{ rnu: 'ls', sudo: true, onChange: [] }, 'rnu: unknown key, did you mean `run`?'],
    [{ mkdri: '/a' }, 'mkdri: unknown key, did you mean `mkdir`?'],
    [{ waitFor: { prt: 80 } }, 'waitFor.prt: unknown key, did you mean `port`?'],
    [{ waitFor: { port: 80, timeotMs: 5 } }, 'waitFor.timeotMs: unknown key, did you mean `timeoutMs`?'],
    [
      { mkdir: { pth: '/srv/app', mode: new AmbiguousMode('644') } },
      'mkdir.pth: unknown key, did you mean `path`?',
      'mkdir.mode: is 644, which may be meant in octal or in decimal; write 0644 or "0644"',
    ],
    [
      { lineInFile: { path: '/a', line: 'x', match: '([' } },
      'lineInFile.match: is no regular expression: unterminated character class',
    ],
    [
      { run: 'ls', onChange: [{ run: 'ls', oncee: 'x' }] },
      'onChange[0].oncee: unknown key, did you mean `once`?',
    ],
  ])('%j', (step, ...told) => {
    expect(said(step)).toEqual(told);
  });

  it('has every key told that may stand there', () => {
    expect(said({ run: 'ls', zzzzzzzz: 1 })).toEqual([
      expect.stringMatching(/^zzzzzzzz: unknown key; known here: sudo, .*once, run, onChange$/),
    ]);
    expect(said({ zzzzzzzz: 1 })[0]).toMatch(
      /known here: run, mkdir, waitFor, lineInFile, sudo,.* once, onChange$/,
    );
    expect(said({ run: 'ls', onChange: [{ run: 'ls', zzzzzzzz: 1 }] })[0]).toMatch(/once, run$/);
    expect(said({ sudo: true })).toEqual([
      ': names no action: expected one of run, mkdir, waitFor, lineInFile',
    ]);
  });
});
