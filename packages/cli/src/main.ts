import { runCli } from './cli.js';

process.exitCode = await runCli(process.argv, {
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
});
