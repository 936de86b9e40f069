import { configKeyCases } from '@turingpi/conformance';
import { defineConfigKey } from '@turingpi/core/plugin';
import { z } from 'zod';

const schema = z.string().optional();
const key = defineConfigKey({ id: 'rack', title: 'where the board stands', schema });

let passed = 0;
for (const { run } of configKeyCases({ key, valid: ['A3'], invalid: [{ value: 5, at: [] }] })) {
  await run();
  passed += 1;
}
console.log(passed, 'passed'); // → 7 passed
