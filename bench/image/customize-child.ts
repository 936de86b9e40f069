// Customises images in a process of its own, so that its memory and event loop are only those of the engine.
// Arguments: base image, cache directory, output directory, node numbers. Prints one JSON object.
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { BackendImageEngine } from '@turingpi/image';
import { timed } from '../stopwatch.js';
import { benchEdit } from './bench-edit.js';

const [base = '', cacheDir = '', outputDir = '', ...nodes] = process.argv.slice(2);
const edits = nodes.map((node) => ({ node, edit: benchEdit(Number(node)) }));
const { signal } = new AbortController();
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();

const seconds: number[] = [];
for (const { node, edit } of edits) {
  const run = await timed(async () => {
    const engine = new BackendImageEngine();
    await using session = await engine.open(base, { cacheDir, signal });
    const root = await session.files('root');
    for (const [name, content] of Object.entries(edit.files)) await root.writeFile(name, content);
    const seed = await session.files('CIDATA');
    for (const [name, content] of Object.entries(edit.seed)) await seed.writeFile(name, content);
    await session.save(path.join(outputDir, `bench-${node}.img.xz`), { format: 'xz', signal });
  });
  seconds.push(run.seconds);
}
delay.disable();
process.stdout.write(
  `${JSON.stringify({
    seconds,
    maxRssMb: process.resourceUsage().maxRSS / 1000,
    maxLoopDelayMs: delay.max / 1e6,
  })}\n`,
);
