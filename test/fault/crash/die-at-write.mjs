// Loaded into `turingpi` before anything else: kills the process at one of its writes to the state or its journal, directly
// before it (the effect is there, its record is not) or directly after it (the record is there, the next effect is not).
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const at = Number(process.env.CRASH_AT_WRITE);
const isBefore = process.env.CRASH_WHEN === 'before';
const { open, rename } = fs;
let writes = 0;

const die = () => process.kill(process.pid, 'SIGKILL');

async function counted(write) {
  writes += 1;
  if (writes !== at) return write();
  if (isBefore) die();
  const result = await write();
  die();
  return result;
}

fs.rename = (from, to) =>
  /tpi_state\.json$/.test(String(to)) ? counted(() => rename(from, to)) : rename(from, to);
// A line of a journal: its action is done when its file is opened.
fs.open = (file, ...rest) =>
  isBefore && /\.jsonl$/.test(String(file)) ? counted(() => open(file, ...rest)) : open(file, ...rest);
syncBuiltinESMExports();
