import { expect, it } from 'vitest';
import { SysctlAction } from './sysctl-action.js';

const { schema } = new SysctlAction();

it.each([1, 0, '1', '4096 87380 6291456', 'on'])('takes %j as the value of a parameter', (value) => {
  expect(schema.safeParse({ 'net.ipv4.ip_forward': value }).success).toBe(true);
});

it.each([true, false, 'yes', 'No', 'true', 1.5, 'a\nb', null])(
  'says what is right in place of %j',
  (value) => {
    expect(schema.safeParse({ 'net.ipv4.ip_forward': value }).error?.issues).toMatchObject([
      { path: ['net.ipv4.ip_forward'], message: expect.stringContaining('1 and 0') as string },
    ]);
  },
);
