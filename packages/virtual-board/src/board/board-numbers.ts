import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const numbersSchema = z.object({ mac: z.string(), serial: z.string() });

/** What tells one board from all others. */
export type BoardNumbers = z.infer<typeof numbersSchema>;

/** The numbers kept in `dir`, or new ones that are kept there, so that a board stays the same board between runs. */
export async function loadBoardNumbers(
  dir: string,
  given: { readonly [Name in keyof BoardNumbers]: BoardNumbers[Name] | undefined },
): Promise<BoardNumbers> {
  const file = join(dir, 'board-numbers.json');
  const kept = await readFile(file, 'utf8').then(
    (text) => numbersSchema.parse(JSON.parse(text)),
    (cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
      return undefined;
    },
  );
  const numbers = kept ?? makeNumbers();
  if (!kept) {
    await mkdir(dir, { recursive: true });
    await writeFile(file, `${JSON.stringify(numbers)}\n`);
  }
  return { mac: given.mac ?? numbers.mac, serial: given.serial ?? numbers.serial };
}

/** A locally administered MAC address, as the firmware makes it, and a serial number as boards have it. */
function makeNumbers(): BoardNumbers {
  const mac = ['02', ...Array.from(randomBytes(5), (byte) => byte.toString(16).padStart(2, '0'))].join(':');
  return { mac, serial: `XZCT${randomBytes(5).readUIntBE(0, 5).toString().padStart(13, '0').slice(-9)}` };
}
