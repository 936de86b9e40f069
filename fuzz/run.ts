import { parseArgs } from 'node:util';
import { fuzzExt4 } from './image-ext4.js';
import { fuzzFat } from './image-fat.js';

const USAGE = 'usage: npm run fuzz -- image [--sequences N] [--length N] [--seed N] [--variant NAME]…';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sequences: { type: 'string', default: '200' },
    length: { type: 'string', default: '25' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    variant: { type: 'string', multiple: true },
  },
});
const [target, ...others] = positionals;
if (target !== 'image' || others.length > 0) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
} else {
  process.stdout.write(`seed ${values.seed}: --seed ${values.seed} repeats this run\n`);
  const options = {
    sequences: Number(values.sequences),
    length: Number(values.length),
    seed: Number(values.seed),
    ...(values.variant === undefined ? {} : { variants: values.variant }),
    report: (line: string) => process.stdout.write(`${line}\n`),
  };
  await fuzzFat(options);
  await fuzzExt4(options);
}
