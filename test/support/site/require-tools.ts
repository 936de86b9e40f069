import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Folders of system programs that a user's PATH may leave out. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin'];

/**
 * Says whether system programs are there that a test compares with. Where one is missing the test is skipped and the
 * program named; with `CI=true` that is a failure.
 */
export function requireTools(...programs: readonly string[]): { readonly missing: boolean } {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), ...SYSTEM_FOLDERS];
  const absent = programs.filter(
    (program) => !folders.some((folder) => isExecutable(path.join(folder, program))),
  );
  if (absent.length === 0) return { missing: false };
  const text = `these programs are not installed: ${absent.join(', ')}`;
  if (process.env['CI'] === 'true') throw new Error(text);
  process.stderr.write(`skipping: ${text}\n`);
  return { missing: true };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
