// Format, types, build and, beside them, lint: it takes one processor for as long as the others together take theirs. Exits
// with 1 when one of them failed. `npm run check`
import { spawn } from 'node:child_process';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');

const lint = run('lint');
const others = await ['format:check', 'typecheck', 'build'].reduce(
  async (before, script) => (await before) && (await run(script)),
  true,
);
process.exitCode = (await lint) && others ? 0 : 1;

/** @returns Whether a script of the package ended well. */
async function run(script) {
  const shell = process.platform === 'win32'; // npm is a script of its shell there
  const child = spawn('npm', ['run', '--silent', script], { cwd: ROOT, stdio: 'inherit', shell });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) console.error(`npm run ${script} failed`);
  return code === 0;
}
