import { approveErasure } from '@turingpi/foundation';
import type { Node } from '@turingpi/core/plugin';
import type { SeenDisk } from '@turingpi/provisioning';
import { expect, it } from 'vitest';
import type { NetworkInstallError } from '../network-install-error.js';
import { parseDisk } from '../server/admission.js';
import { approveDisk, disksForTarget, parseTarget, unforeseenOf } from './install-target.js';

const USED = parseDisk('disk 512000 nvme S4EW used nvme0n1p1 100 MiB, nvme0n1p2 7 MiB,')!;
const EMPTY = parseDisk('disk 512000 nvme S4EW empty')!;
const node = { id: 1 } as Node;

async function asked(target: string | undefined, ...disks: readonly (typeof USED)[]) {
  const errors: NetworkInstallError[] = [];
  const permit = approveErasure({
    node: 1,
    disk: (disksForTarget(target ?? 'emmc', 'rk1') ?? []).join(', '),
  });
  const seen: SeenDisk[] = [];
  const sawDisk = (disk: SeenDisk) => Promise.resolve(void seen.push(disk));
  const approve = approveDisk({ node, permit, sawDisk, ...(target !== undefined && { target }) }, (error) =>
    errors.push(error),
  );
  const answers: (string | undefined)[] = [];
  for (const disk of disks) answers.push(await approve(disk));
  return { answers, errors, seen, begun: permit.begun };
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

it('tells of every disk that it has decided about, once, and the next plan has it', async () => {
  const partitions = 'nvme0n1p1 100 MiB, nvme0n1p2 7 MiB';
  const refused = await asked('nvme', USED);
  expect(refused.seen).toEqual([{ serial: 'S4EW', sizeBytes: 512_000, partitions, isWritten: false }]);
  const written = await asked('nvme:S4EW', USED, USED);
  expect(written.seen).toEqual([{ serial: 'S4EW', sizeBytes: 512_000, partitions, isWritten: true }]);
  const at = '2026-11-30T20:53:07.123Z';
  const seen = { ...refused.seen[0]!, sizeBytes: 512_110_190_592, at };
  expect(unforeseenOf('nvme', seen)).toEqual([
    expect.stringContaining('one that is not empty is refused'),
    `whether the NVMe is still as an installer saw it on 2026-11-30 at 20:53 UTC: S4EW, 512.1 GB, with ${partitions}`,
  ]);
  expect(unforeseenOf('nvme:S4EW', { ...seen, isWritten: true })[1]).toBe(
    'whether the NVMe is still S4EW, 512.1 GB, which was written on 2026-11-30 at 20:53 UTC',
  );
  expect(unforeseenOf('emmc', seen)).toEqual([]);
});
