// Loaded into `turingpi` before anything else: kills the process at one of its writes to the state or to its journals,
// directly before it (the effect is there, its record is not) or directly after it (the record is there, the next effect is
// not).
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const at = Number(process.env.CRASH_AT_WRITE);
const isBefore = process.env.CRASH_WHEN === 'before';
// Other files of lines, as those of runs and of what was erased, are no journals.
const isCounted =
  process.env.CRASH_IN === 'journal' ? /tpi_state\.journal[\\/][^\\/]*\.jsonl$/ : /tpi_state\.json$/;
const { open, rename } = fs;
let writes = 0;

const die = () => process.kill(process.pid, 'SIGKILL');

/** Whether this is the write; a process that is to die before it does so here. */
function isTheOne(file) {
  if (!isCounted.test(String(file))) return false;
  writes += 1;
  if (writes === at && isBefore) die();
  return writes === at;
}

fs.rename = async (from, to) => {
  const isLast = isTheOne(to);
  await rename(from, to);
  if (isLast) die();
};
// A line of a journal: its action is done when its file is opened, and it is on record when that is closed.
fs.open = async (file, flags, ...rest) => {
  const isLast = flags !== 'r' && isTheOne(file);
  const handle = await open(file, flags, ...rest);
  if (isLast) {
    const close = handle.close.bind(handle);
    handle.close = async () => {
      await close();
      die();
    };
  }
  return handle;
};
syncBuiltinESMExports();
