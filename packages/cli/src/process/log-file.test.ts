import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLogFile } from './log-file.js';

function directory(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'turingpi-log-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

describe('the log file', () => {
  it('is appended to, and is its owner’s alone', () => {
    const file = path.join(directory(), 'turingpi.log');
    const warnings: string[] = [];
    for (const line of ['one\n', 'two\n']) openLogFile(file, (message) => warnings.push(message)).write(line);
    expect(warnings).toEqual([]);
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('that cannot be opened is told once, and nothing fails', () => {
    const warnings: string[] = [];
    const log = openLogFile(directory(), (message) => warnings.push(message)); // a directory is no file
    log.write('one\n');
    log.write('two\n');
    expect(warnings).toEqual([expect.stringMatching(/EISDIR.*going on without it/)]);
  });

  it.skipIf(process.platform !== 'linux')('that cannot be written is told once, and nothing fails', () => {
    const warnings: string[] = [];
    const log = openLogFile('/dev/full', (message) => warnings.push(message));
    log.write('one\n');
    log.write('two\n');
    expect(warnings).toEqual([expect.stringMatching(/ENOSPC/)]);
  });
});
