import { runConformance } from './runner/run-conformance.js';

process.exitCode = await runConformance(process.argv.slice(2), {
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
});
