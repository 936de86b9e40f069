import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readNotes, removeEmpty, removeNote, writeNote } from './lock-note.js';

let directory: string;
let lock: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'turingpi-note-'));
  lock = join(directory, 'x.lock');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('a note in a lock', () => {
  it('is the only one, though empty directories are taken for those of dead ones while it is written', async () => {
    for (let round = 0; round < 200; round += 1) {
      const written = await Promise.all(
        Array.from({ length: 8 }, async () => {
          const note = await writeNote(lock);
          if (note === undefined) await removeEmpty(lock);
          return note ?? (await writeNote(lock));
        }),
      );
      const notes = written.filter((note) => note !== undefined);
      expect(notes.length).toBeLessThanOrEqual(1);
      for (const note of notes) await removeNote(note);
      expect(await readdir(directory)).toEqual([]);
    }
  });

  it('is removed by its name, so that the lock of a later one stays', async () => {
    const first = (await writeNote(lock))!;
    await removeNote(first);
    const second = await writeNote(lock);
    await removeNote(first);
    expect((await readNotes(lock))?.map(({ file }) => file)).toEqual([second]);
  });
});
