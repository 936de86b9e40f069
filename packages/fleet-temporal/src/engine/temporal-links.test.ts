import { expect, it } from 'vitest';
import { temporalLinks } from './temporal-links.js';
import { temporalSettings } from './temporal-settings.js';

it("leads to the workflows on Temporal's own page, whatever they are called", () => {
  const links = temporalLinks('labs', { page: 'https://t.example:8080/', namespace: 'north & south' })!;
  expect(links.page).toBe('https://t.example:8080/namespaces/north%20%26%20south/workflows');
  expect(links.rollout('a.b')).toBe(`${links.page}/labs%2Frollout%2Fa.b`);
  expect(links.board('rack1')).toBe(`${links.page}/labs%2Fboard%2Frack1`);
  expect(temporalLinks('labs', { page: undefined, namespace: 'default' })).toBeUndefined();
});

it.each(['temporal.example', 'javascript:alert(1)', 'file:///etc/passwd'])(
  'takes no %s for its page',
  (page) => {
    expect(temporalSettings.safeParse({ address: '127.0.0.1:7233', page }).success).toBe(false);
  },
);
