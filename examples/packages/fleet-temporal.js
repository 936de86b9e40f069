import { randomBytes } from 'node:crypto';
import { Secret } from '@turingpi/core/plugin';
import { TemporalOrchestrator } from '@turingpi/fleet-temporal';

// Made once, with `openssl rand -base64 32`, and kept by those who may read what the fleet does.
const key = new Secret(randomBytes(32).toString('base64'));
try {
  await TemporalOrchestrator.connect({ address: '127.0.0.1:9', fleet: 'labs', keys: [key] });
} catch (error) {
  // Nobody listens there.
  console.log(error.code); // → FLEET_ENGINE_UNREACHABLE
}
