import { parseArgs } from 'node:util';
import { EXT4_VARIANTS } from './ext4/variants.js';
import { FAT_VARIANTS } from './fat/variants.js';
import { fuzzExt4 } from './image-ext4.js';
import { fuzzFat } from './image-fat.js';
import { fuzzHostile, HOSTILE_VARIANTS } from './image-hostile.js';

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
const names = [
  ...FAT_VARIANTS.map(({ name }) => name),
  ...HOSTILE_VARIANTS,
  ...EXT4_VARIANTS.map(({ name }) => name),
];
const unknown = values.variant?.find((name) => !names.includes(name));
const [target, ...others] = positionals;
if (target !== 'image' || others.length > 0 || unknown !== undefined) {
  process.stderr.write(`${USAGE}\nvariants: ${names.join(' ')}\n`);
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
  await fuzzHostile(options);
  await fuzzExt4(options);
}
