// `brief-postgres` and `brief-http`: as the stores without `brief`, with leases that are over after LEASES_OVER_MS.
import { definePlugin } from '@turingpi/core/plugin';
import { httpSettings, openHttpState } from '@turingpi/state-http';
import { openPostgresState, postgresSettings } from '@turingpi/state-postgres';

const staleMs = Number(process.env.LEASES_OVER_MS);
const timings = { beatMs: staleMs / 16, staleMs, lookMs: 100 };
const brief = (id, settings, open) => ({
  ...{ id, settings, summary: 'A store whose leases are over soon.' },
  open: (request) => open({ ...request, timings }),
});

export default definePlugin({
  name: '@turingpi/brief-leases',
  version: '0.1.0',
  stateStores: [
    brief('brief-postgres', postgresSettings, openPostgresState),
    brief('brief-http', httpSettings, openHttpState),
  ],
});
