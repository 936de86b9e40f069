import { approveErasure } from '@turingpi/foundation';
import type { Node } from '@turingpi/core/plugin';
import { expect, it } from 'vitest';
import type { NetworkInstallError } from '../network-install-error.js';
import { parseDisk } from '../server/admission.js';
import { approveDisk, disksForTarget, parseTarget } from './install-target.js';

const USED = parseDisk('disk 512000 nvme S4EW used nvme0n1p1 100 MiB, nvme0n1p2 7 MiB,')!;
const EMPTY = parseDisk('disk 512000 nvme S4EW empty')!;
const node = { id: 1 } as Node;

async function asked(target: string | undefined, ...disks: readonly (typeof USED)[]) {
  const errors: NetworkInstallError[] = [];
  const permit = approveErasure({
    node: 1,
    disk: (disksForTarget(target ?? 'emmc', 'rk1') ?? []).join(', '),
  });
  const approve = approveDisk({ node, permit, ...(target !== undefined && { target }) }, (error) =>
    errors.push(error),
  );
  const answers: (string | undefined)[] = [];
  for (const disk of disks) answers.push(await approve(disk));
  return { answers, errors, begun: permit.begun };
}

it('knows the eMMC, an NVMe, and one by its serial number, where the module has them', () => {
  expect(parseTarget()).toEqual({ disk: 'emmc' });
  expect(parseTarget('nvme')).toEqual({ disk: 'nvme' });
  expect(parseTarget('nvme:S4 EW')).toBeUndefined();
  expect(parseTarget('sata')).toBeUndefined();
  expect(disksForTarget('nvme:S4EW', 'rk1')).toEqual(['emmc', 'nvme:S4EW']);
  expect(disksForTarget('emmc', 'cm4')).toEqual(['emmc']);
  expect(disksForTarget('nvme', 'cm4')).toBeUndefined();
});

it('has an empty NVMe written, and after that the half written one by another attempt', async () => {
  const { answers, errors, begun } = await asked('nvme', EMPTY, USED);
  expect(answers).toEqual([undefined, undefined]);
  expect(errors).toEqual([]);
  expect(begun).toBe(true);
});

it('refuses an NVMe that is not empty, with what is on it, unless it is named', async () => {
  const { answers, errors, begun } = await asked('nvme', USED);
  expect(answers[0]).toContain('nvme0n1p1 100 MiB, nvme0n1p2 7 MiB');
  expect(errors[0]).toMatchObject({
    code: 'INSTALLER_DISK_NOT_APPROVED',
    details: { serial: 'S4EW', isEmpty: false },
    hint: expect.stringContaining('nvme:S4EW') as string,
  });
  expect(begun).toBe(false);
  expect(await asked('nvme:S4EW', USED)).toMatchObject({ answers: [undefined], begun: true });
});

it('refuses another disk than the one that was named, empty or not', async () => {
  for (const disk of [EMPTY, USED])
    expect(await asked('nvme:OTHER', disk)).toMatchObject({
      answers: [expect.stringContaining('OTHER was asked for')],
      begun: false,
    });
  expect(await asked(undefined, EMPTY)).toMatchObject({ answers: ['the eMMC was asked for'] });
  expect(await asked('nvme', parseDisk('disk 512000')!)).toMatchObject({
    answers: ['an NVMe was asked for'],
  });
});
