import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NewStepAction } from './new-step-action.js';

await test('writes where the configuration says', () => {
  const written = (newStep?: object) => new NewStepAction({ contributed: { newStep } }).note();
  assert.equal(written(), '/etc/motd');
  assert.equal(written({ path: '/etc/issue' }), '/etc/issue');
});
