import { createTuringPi } from '@turingpi/core';
import { telemetryPlugin } from '@turingpi/telemetry';

// Sends nothing unless OTEL_EXPORTER_OTLP_ENDPOINT says where to.
const cluster = await createTuringPi({
  ip: '192.0.2.90',
  node1: { ip: '192.0.2.101', board: 'rk1' },
  cacheDir: 'cache',
  plugins: [telemetryPlugin(), '@turingpi/board-rk1'],
});
console.log(cluster.plugins.plugins[0].plugin.name); // → @turingpi/telemetry
await cluster[Symbol.asyncDispose]();
