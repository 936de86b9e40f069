import { expect, it } from 'vitest';
import { renderFacts } from './facts.js';

const FACTS = [
  ['file', '/home/somebody/images/ubuntu.img.xz, 36.2 kB'],
  ['edited by', 'userspace: it needs no root and no container'],
] as const;

it('has a line for each fact where there is room', () => {
  expect(renderFacts(FACTS)).toBe(
    'file       /home/somebody/images/ubuntu.img.xz, 36.2 kB\nedited by  userspace: it needs no root and no container\n',
  );
});

it('goes on below, between words and after slashes', () => {
  expect(renderFacts(FACTS, 36)).toBe(
    [
      'file       /home/somebody/images/',
      '           ubuntu.img.xz, 36.2 kB',
      'edited by  userspace: it needs no',
      '           root and no container',
      '',
    ].join('\n'),
  );
});
