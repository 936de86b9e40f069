import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConsoleLog } from './console-log.js';
import { diagnoseConsole } from './diagnose-console.js';

const EXPECTED = '192.168.1.100';

describe('diagnoseConsole', () => {
  const cases: [string, string[], RegExp | undefined, boolean][] = [
    [
      'a kernel panic',
      ['[    2.1] Kernel panic - not syncing: No working init found.'],
      /No working init/,
      true,
    ],
    [
      'emergency mode',
      ['You are in emergency mode. After logging in, type "journalctl -xb"'],
      /emergency mode/,
      true,
    ],
    [
      'a missing root filesystem',
      ['ALERT!  UUID=1234 does not exist.  Dropping to a shell!', '(initramfs) '],
      /UUID=1234/,
      true,
    ],
    [
      "cloud-init's table of another address",
      ['ci-info: |  end0  | True |  192.168.1.57 | 255.255.255.0 | global | d8:3a:dd:00:00:01 |'],
      /answered by DHCP on end0: it has 192\.168\.1\.57 and not 192\.168\.1\.100/,
      false,
    ],
    [
      'an address from NetworkManager',
      ['NetworkManager[412]: <info> dhcp4 (end0): state changed new lease, address=192.168.1.57'],
      /answered by DHCP on end0: it has 192\.168\.1\.57/,
      false,
    ],
    [
      'an address from dhclient',
      ['DHCPACK of 10.0.0.9', 'bound to 10.0.0.9 -- renewal in 300 seconds.'],
      /answered by DHCP: it has 10\.0\.0\.9/,
      false,
    ],
    [
      'waiting for a network',
      ['[ *** ] A start job is running for Wait for Network to be Configured (1min 3s / no limit)'],
      /waits for its network/,
      false,
    ],
    ['a login prompt', ['Ubuntu 22.04.4 LTS node1 ttyS9', 'node1 login: '], /login prompt/, false],
    [
      'the right address',
      [
        'ci-info: | eth0 | True | 192.168.1.57 | 255.255.255.0 | global | x |',
        `ci-info: | eth0 | True | ${EXPECTED} | 255.255.255.0 | global | x |`,
      ],
      undefined,
      false,
    ],
    ['nothing', [], undefined, false],
  ];
  it.each(cases)('recognises %s', (_name, lines, message, fatal) => {
    const diagnosis = diagnoseConsole(lines, EXPECTED);
    if (!message) expect(diagnosis).toBeUndefined();
    else expect(diagnosis?.message).toMatch(message);
    expect(diagnosis?.fatal ?? false).toBe(fatal);
  });
});

describe('ConsoleLog', () => {
  it('gives the same lines however the text is cut into pieces', () => {
    const text = 'one\r\n\u001b[1;31mtwo\u001b[0m\r\n\u001b]0;title\u0007three\nnode1 login: ';
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 6 }), (cuts) => {
        const log = new ConsoleLog();
        const points = [0, ...cuts, text.length].sort((a, b) => a - b);
        for (const [index, start] of points.entries())
          log.append(text.slice(start, points[index + 1] ?? start));
        expect(log.tail()).toEqual(['one', 'two', 'three', 'node1 login:']);
      }),
    );
  });
});
