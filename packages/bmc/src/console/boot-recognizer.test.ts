import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BootRecognizer } from './boot-recognizer.js';

const BOOT = [
  'DDR Version V1.08 20220617',
  'U-Boot SPL 2017.09 (Mar 01 2024 - 12:00:00)',
  'U-Boot 2017.09 (Mar 01 2024 - 12:00:00 +0000)',
  '[    0.000000] Booting Linux on physical CPU 0x0000000000 [0x412fd050]',
  '[    0.000000] Linux version 5.10.160-rockchip (build@host)',
  '[\u001b[0;32m  OK  \u001b[0m] Reached target \u001b[0;1;39mCloud-init target\u001b[0m.',
  '[   31.2] cloud-init[1234]: Cloud-init v. 24.1.3-0ubuntu1 finished at Mon, 23 Nov 2026 10:00:00 +0000. Datasource DataSourceNoCloud',
  '',
  'Ubuntu 22.04.4 LTS turing-node1 ttyS9',
  '',
  'turing-node1 login: ',
].join('\r\n');

describe('BootRecognizer', () => {
  test('names the moments of a boot in order', () => {
    expect(new BootRecognizer().feed(BOOT).map(({ kind }) => kind)).toEqual([
      'bootloader',
      'bootloader',
      'bootloader',
      'kernel',
      'kernel',
      'cloud-init-finished',
      'login-prompt',
    ]);
  });

  test('finds the same in whatever pieces the text arrives', () => {
    const whole = new BootRecognizer().feed(BOOT).map(({ kind }) => kind);
    fc.assert(
      fc.property(fc.array(fc.nat(BOOT.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), BOOT.length];
        const recognizer = new BootRecognizer();
        const kinds = at
          .slice(1)
          .flatMap((end, i) => recognizer.feed(BOOT.slice(at[i], end)).map(({ kind }) => kind));
        expect(kinds).toEqual(whole);
      }),
    );
  });

  test.each([
    [
      '[    3.141592] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n',
      'kernel-panic',
    ],
    ['You are in emergency mode. After logging in, type "journalctl -xb"\n', 'emergency-mode'],
    ['(initramfs) ', 'emergency-mode'],
    ['RPi: BOOTLOADER release VERSION:5a3b8bd6\n', 'bootloader'],
    ['\u001b[2J\u001b[Hdebian login: ', 'login-prompt'],
  ])('%j', (text, kind) => {
    expect(new BootRecognizer().feed(text).map((m) => m.kind)).toEqual([kind]);
  });

  test('does not take a line that speaks of a login for a prompt', () => {
    expect(new BootRecognizer().feed('Last login: Mon Nov 23 on ttyS9\nroot login: refused\n')).toEqual([]);
  });

  test('noise without line ends does not pile up', () => {
    const recognizer = new BootRecognizer();
    for (let i = 0; i < 50; i++) expect(recognizer.feed('\uFFFDx'.repeat(8192))).toEqual([]);
    expect(recognizer.feed('\nnode login: ').map((m) => m.kind)).toEqual(['login-prompt']);
  });
});
