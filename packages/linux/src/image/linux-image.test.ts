import { describe, expect, it } from 'vitest';
import { linuxImageOf } from './linux-image.js';

const SAID = { username: 'ubuntu', family: 'ubuntu-rockchip', firstBoot: 'cloud-init' } as const;

describe('linuxImageOf', () => {
  it('reads what the record says', () => {
    expect(linuxImageOf({ linux: { ...SAID, network: 'netplan' } })).toEqual(SAID);
  });

  it('reads a record of an earlier version', () => {
    expect(linuxImageOf({ facts: { ...SAID, network: 'netplan' } })).toEqual(SAID);
  });

  it.each([
    ['nothing', {}],
    ['facts of another system', { facts: { username: 7, family: 'pebble', firstBoot: true } }],
    ['a record that was changed', { linux: { username: '', family: {}, firstBoot: 'x' } as never }],
    ['no object', { linux: 'ubuntu' as never }],
  ])('takes only what is fit for use: %s', (_what, image) => {
    expect(linuxImageOf(image)).toEqual({});
  });
});
