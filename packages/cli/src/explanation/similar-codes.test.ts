import { describe, expect, it } from 'vitest';
import { similarCodes } from './similar-codes.js';

const CODES = ['BMC_UNTRUSTED', 'BMC_UNREACHABLE', 'SSH_UNREACHABLE', 'STATE_LOCKED'];

describe('codes that may be meant', () => {
  it.each([
    ['BMC_UNTRUSTD', ['BMC_UNTRUSTED']],
    ['UNREACHABLE', ['BMC_UNREACHABLE', 'SSH_UNREACHABLE']],
    ['STATE_LOKCED', ['STATE_LOCKED']],
    ['NONSENSE', []],
    ['', []],
  ])('of %j are %j', (text, meant) => {
    expect(similarCodes(text, CODES)).toEqual(meant);
  });
});
