import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { imageOf } from '../detection/image-families.fixture.js';
import { runProgram, systemProgram } from '../network/system-program.fixture.js';
import { FAMILIES, hostKeys, shared } from './customized-image.fixture.js';
import { materialise } from './materialise.fixture.js';

/** Those whose first boot is cloud-init's. */
const SEEDED = FAMILIES.filter((name) => {
  const { root } = imageOf(name);
  return root.dump().has('/usr/bin/cloud-init') && !root.dump().has('/etc/cloud/cloud-init.disabled');
});

describe('real programs accept', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'turingpi-image-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const cloudInit = systemProgram('cloud-init');
  it.skipIf(!cloudInit).each(SEEDED)('the user-data of %s (cloud-init schema)', async (name) => {
    const { all } = await shared(name);
    const [, userData] = all
      .flatMap((files) => [...files.dump()])
      .find(([path]) => path.endsWith('/user-data'))!;
    const file = join(directory, 'user-data');
    writeFileSync(file, userData.text);
    expect(runProgram(cloudInit!, ['schema', '--config-file', file])).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('Valid cloud-config') as string,
    });
  });

  const visudo = systemProgram('visudo');
  it.skipIf(!visudo)('the sudoers file (visudo -c)', async () => {
    const { root } = await shared('Debian with ifupdown');
    const file = join(directory, 'sudoers');
    writeFileSync(file, root.dump().get('/etc/sudoers.d/90-turingpi-ops')!.text, { mode: 0o440 });
    expect(runProgram(visudo!, ['-c', '-f', file])).toMatchObject({ exitCode: 0 });
  });

  const sshd = systemProgram('sshd');
  // Making its runtime directory takes root, as checking a configuration with sshd does anyway.
  it.skipIf(!sshd || process.getuid?.() !== 0)(
    'the settings and host keys of the SSH server (sshd -t)',
    async () => {
      const { root } = await shared('Debian with ifupdown');
      const lines = [root.dump().get('/etc/ssh/sshd_config.d/10-turingpi.conf')!.text];
      for (const { type, privateKey } of hostKeys) {
        const file = join(directory, type);
        writeFileSync(file, privateKey.reveal(), { mode: 0o600 });
        lines.push(`HostKey ${file}`);
      }
      const config = join(directory, 'sshd_config');
      writeFileSync(config, `${lines.join('\n')}\n`);
      mkdirSync('/run/sshd', { recursive: true }); // as its service does; -T prints what it understood
      const { exitCode, output } = runProgram(sshd!, ['-T', '-f', config]);
      expect(output).toMatch(/^passwordauthentication yes$/m);
      expect(exitCode).toBe(0);
    },
  );

  const systemctl = systemProgram('systemctl');
  it.skipIf(!systemctl).each(FAMILIES)('the units that %s starts (systemctl --root)', async (name) => {
    const { root, result } = await shared(name);
    materialise(root, directory);
    const state = (unit: string): string =>
      runProgram(systemctl!, [`--root=${directory}`, 'is-enabled', unit])
        .output.trim()
        .split('\n')
        .at(-1)!;
    expect([state('ssh.service'), state('ssh.socket')]).toContain('enabled');
    if (result.firstBoot === 'service') expect(state('turingpi-first-boot.service')).toBe('enabled');
    for (const unit of ['userconfig.service', 'regenerate_ssh_host_keys.service', 'oem-config.service'])
      expect(state(unit)).not.toBe('enabled');
  });

  const analyze = systemProgram('systemd-analyze');
  it.skipIf(!analyze)('the first-boot unit and script (systemd-analyze verify, sh -n)', async () => {
    const { root } = await shared('Debian with ifupdown');
    const script = join(directory, 'first-boot');
    writeFileSync(script, root.dump().get('/usr/local/lib/turingpi/first-boot')!.text, { mode: 0o755 });
    expect(runProgram('/bin/sh', ['-n', script])).toEqual({ exitCode: 0, output: '' });
    const unit = join(directory, 'turingpi-first-boot.service');
    writeFileSync(
      unit,
      root
        .dump()
        .get('/etc/systemd/system/turingpi-first-boot.service')!
        .text.replace(/^ExecStart=.*$/m, `ExecStart=${script}`),
    );
    expect(runProgram(analyze!, ['verify', '--man=no', unit])).toEqual({ exitCode: 0, output: '' });
  });
});
