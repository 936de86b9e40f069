import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elfNeeds } from './elf-needs.js';

describe('what a program needs', () => {
  it.skipIf(process.platform !== 'linux')('is what its dynamic section says (needs Linux)', () => {
    const needs = elfNeeds(readFileSync(process.execPath));
    expect(needs?.loader).toMatch(/^\/lib(?:64)?\/ld-/);
    expect(needs?.libraries.some((name) => name.startsWith('libc.so'))).toBe(true);
  });

  it.each([Buffer.alloc(0), Buffer.from('#!/bin/sh\n'), Buffer.alloc(100)])(
    'is unknown of what is no program',
    (file) => {
      expect(elfNeeds(file)).toBeUndefined();
    },
  );

  it('is unknown, or something, of a damaged one, and never an error', () => {
    const header = Buffer.alloc(600);
    header.write('\x7fELF\x02\x01\x01', 0, 'latin1');
    header.writeBigUInt64LE(64n, 32);
    header.writeUInt16LE(3, 56);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 16, max: 599 }), fc.nat({ max: 255 })), { maxLength: 40 }),
        (changes) => {
          const file = Buffer.from(header);
          for (const [at, value] of changes) file[at] = value;
          elfNeeds(file);
        },
      ),
    );
  });
});
