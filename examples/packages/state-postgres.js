import { createTuringPi } from '@turingpi/core';
import { postgresStatePlugin } from '@turingpi/state-postgres';
import { generateIdentity } from 'age-encryption';

const secretsKey = await generateIdentity(); // made once, and kept by those who may read the nodes' secrets
try {
  await createTuringPi({
    ip: '192.0.2.90',
    node1: { ip: '192.0.2.101', board: 'rk1' },
    cacheDir: 'cache',
    plugins: [postgresStatePlugin, '@turingpi/board-rk1'],
    state: { postgres: { url: 'postgres://turingpi@127.0.0.1:9/turingpi', tls: 'off', secretsKey } },
  });
} catch (error) {
  // Nobody listens there: the state cannot be read, and nothing is run without it.
  console.log(error.code); // → STATE_UNREACHABLE
}
