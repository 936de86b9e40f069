import { generateHostKeys, ProcessLocalRuntime, quoteCommand } from '@turingpi/runtime';

const here = new ProcessLocalRuntime();
const { stdout } = await here.run([process.execPath, '-p', '6 * 7'], { timeoutMs: 10_000 });
console.log(stdout.trim()); // → 42

console.log(quoteCommand(['touch', 'a file'])); // → touch 'a file'

const [key] = await generateHostKeys();
console.log(key.type); // → ed25519
