import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
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

  it('is put aside when it is long, and the oldest goes', () => {
    const file = path.join(directory(), 'turingpi.log');
    const log = openLogFile(file, unexpected, { maxBytes: 20, keep: 2 });
    for (const number of [1, 2, 3, 4, 5, 6, 7]) log.write(`line ${number} of it\n`);
    expect(readdirSync(path.dirname(file)).sort()).toEqual([
      'turingpi.log',
      'turingpi.log.1',
      'turingpi.log.2',
    ]);
    const kept = [`${file}.2`, `${file}.1`, file].map((one) => readFileSync(one, 'utf8')).join('');
    expect(kept).toBe('line 3 of it\nline 4 of it\nline 5 of it\nline 6 of it\nline 7 of it\n');
    for (const one of [file, `${file}.1`]) expect(statSync(one).mode & 0o777).toBe(0o600);
  });

  it('loses no line of several processes when one of them puts it aside', () => {
    const file = path.join(directory(), 'turingpi.log');
    const [one, other] = [1, 2].map(() => openLogFile(file, unexpected, { maxBytes: 30, keep: 9 }));
    const lines = Array.from({ length: 20 }, (_, number) => `line ${number}\n`);
    for (const [index, line] of lines.entries()) (index % 3 === 0 ? one : other)?.write(line);
    const files = readdirSync(path.dirname(file)).map((name) => path.join(path.dirname(file), name));
    const kept = files.flatMap((name) => readFileSync(name, 'utf8').split(/(?<=\n)/));
    expect(kept.sort()).toEqual(lines.sort());
    for (const name of files) expect(statSync(name).size).toBeLessThan(40);
  });

  it('that cannot be put aside is told once, and nothing fails', () => {
    const file = path.join(directory(), 'turingpi.log');
    mkdirSync(`${file}.1/full`, { recursive: true });
    const warnings: string[] = [];
    const log = openLogFile(file, (message) => warnings.push(message), { maxBytes: 5, keep: 1 });
    for (const line of ['one\n', 'two\n', 'three\n', 'four\n']) log.write(line);
    expect(warnings).toEqual([expect.stringMatching(/going on without it/)]);
  });
});

function unexpected(message: string): never {
  throw new Error(message);
}
