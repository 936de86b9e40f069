import { describe, expect, it } from 'vitest';
import { FakeSsh } from '../driver/fake-ssh.fixture.js';
import { bootsFromEmmc, readEeprom } from './read-eeprom.js';

const VERSION =
  '2022/11/25 14:23:47\nversion 9ab0 (release)\ntimestamp 1669386227\ncapabilities 0x0000007f\n';
const CONFIG = '[all]\nBOOT_UART=0\nBOOT_ORDER=0xf25641\nPOWER_OFF_ON_HALT=0\n';

async function read(answers: Readonly<Record<string, string>>) {
  const ssh = new FakeSsh();
  ssh.answer = (command) => {
    const stdout = Object.entries(answers).find(([start]) => command.startsWith(start))?.[1];
    return stdout === undefined ? { exitCode: 127 } : { stdout };
  };
  const target = { host: 'node', port: 22, username: 'admin', auth: {}, hostKeys: [] };
  const { signal } = new AbortController();
  return await readEeprom(await ssh.connect(target, { signal }), signal);
}

describe('the boot EEPROM of a running module', () => {
  it.each([
    ['what it left for the kernel', { od: ' 63 80 cf f3\n' }],
    ["Raspberry Pi's tools", { 'vcgencmd bootloader_version': VERSION }],
    ['the tools where the first is empty', { od: ' 00 00 00 00\n', 'vcgencmd bootloader_version': VERSION }],
  ])('tells its age by %s', async (_how, answers: Record<string, string>) => {
    const { built } = await read(answers);
    expect(built).toEqual(new Date(1_669_386_227_000));
  });

  it('tells its boot order where the tools are', async () => {
    expect(await read({ 'vcgencmd bootloader_config': CONFIG })).toEqual({
      built: undefined,
      bootOrder: '0xf25641',
    });
  });

  it('tells nothing on another system', async () => {
    expect(await read({})).toEqual({ built: undefined, bootOrder: undefined });
    expect(await read({ od: 'od: No such file\n', 'vcgencmd bootloader_version': 'unknown' })).toEqual({
      built: undefined,
      bootOrder: undefined,
    });
  });
});

it.each([
  ['0xf25641', true],
  ['0xf1', true],
  ['0xf6', false],
  ['0xf24', false],
])('%s boots from eMMC: %s', (order, expected) => {
  expect(bootsFromEmmc(order)).toBe(expected);
});
