import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';

/*
 * What a test confirms, or caches, is nobody's: neither read from nor written to the directories of who runs the tests.
 * Programs that a test starts inherit the variables.
 */
const home = path.join(os.tmpdir(), `turingpi-home-${process.pid}-${randomUUID()}`);
process.env['XDG_CONFIG_HOME'] = path.join(home, 'config');
process.env['XDG_CACHE_HOME'] = path.join(home, 'cache');

afterAll(() => rmSync(home, { recursive: true, force: true }));
