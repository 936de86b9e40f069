import { LoopBackend, UserspaceBackend } from '@turingpi/image';
import { imageBackendCases } from '@turingpi/testkit';
import { describe, it } from 'vitest';
import { requireTools } from '../site/require-tools.js';
import { rk1Subject } from './backend-subject.js';
import { requireRoot } from './require-root.js';

const missing = requireTools('e2fsck', 'fsck.vfat').missing;

describe.skipIf(missing)('userspace', () => {
  for (const { name, run } of imageBackendCases(rk1Subject(new UserspaceBackend()))) it(name, run);
});

describe.skipIf(missing || requireTools('losetup', 'mount').missing || requireRoot().missing)('loop', () => {
  for (const { name, run } of imageBackendCases(rk1Subject(new LoopBackend()))) it(name, run);
});
