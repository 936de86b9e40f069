import { describe, expect, it } from 'vitest';
import { presentWords } from './former-names.js';

const NONE: ReadonlySet<string> = new Set();
const now = (line: string, taken = NONE) => {
  const { words, remarks } = presentWords(line.split(' '), taken);
  return [words.join(' '), remarks.length];
};

describe('a former name', () => {
  it.each([
    ['power on --node 1,3', 'node power on --node 1,3'],
    ['usb status', 'node usb status'],
    ['uart -n 1 --follow', 'node uart -n 1 --follow'],
    ['flash a.img.xz -n 2', 'node flash a.img.xz -n 2'],
    ['info --json', 'board info --json'],
    ['cooling', 'board cooling'],
    ['trust -y', 'board trust -y'],
    ['bmc reboot --yes', 'board reboot --yes'],
    ['plugins', 'plugin list'],
    ['--color never power status', 'node power status'],
    ['help power', 'node power --help'],
    ['up --force --node 1', 'up --accept-image-mismatch --node 1'],
    ['state export lab.sealed --force', 'state export lab.sealed --overwrite'],
    ['image customize a -o b --force', 'image customize a -o b --overwrite'],
  ])('%s is %s', (before, present) => {
    const [line, remarks] = now(before);
    expect(String(line).replace('--color never ', '')).toBe(present);
    expect(remarks).toBe(1);
  });

  it.each(['state verify --json', 'cache verify --fix'])('of %s is told, which is still there', (line) => {
    expect(now(line)).toEqual([line, 1]);
  });

  it('of a command and of its option are told both', () => {
    expect(now('bmc firmware a.tpu --force')).toEqual(['board firmware a.tpu --replace-staged', 2]);
  });

  it.each([
    'up --node 1',
    'node power status',
    'image info a.img',
    'node exec 1 -- apt-get --force',
    'up -- --force',
    'node flash a --force',
    'explain power',
    'constructor',
    '--version',
  ])('is none in %s', (line) => {
    expect(now(line)).toEqual([line, 0]);
  });

  it('is that of the command of a plugin that has it', () => {
    expect(now('power up', new Set(['power']))).toEqual(['power up', 0]);
  });
});
