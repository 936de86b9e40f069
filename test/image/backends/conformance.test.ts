import { DockerBackend } from '@turingpi/image-docker';
import { LoopBackend } from '@turingpi/image-loop';
import { UserspaceBackend } from '@turingpi/image';
import { imageBackendCases } from '@turingpi/conformance';
import { beforeAll, describe, it } from 'vitest';
import { requireTools } from '../../support/site/require-tools.js';
import { rk1Subject } from './backend-subject.js';
import { DOCKER_IMAGE, importDockerImage, requireDocker } from './require-docker.js';
import { requireRoot } from './require-root.js';

const missing = requireTools('e2fsck', 'fsck.vfat').missing;

describe.skipIf(missing)('userspace', () => {
  for (const { name, run } of imageBackendCases(rk1Subject(new UserspaceBackend()))) it(name, run);
});

describe.skipIf(missing || requireTools('losetup', 'mount').missing || requireRoot().missing)('loop', () => {
  for (const { name, run } of imageBackendCases(rk1Subject(new LoopBackend()))) it(name, run);
});

describe.skipIf(missing || requireDocker().missing)('docker', () => {
  beforeAll(importDockerImage);
  const backend = new DockerBackend({ image: DOCKER_IMAGE });
  for (const { name, run } of imageBackendCases(rk1Subject(backend))) it(name, run);
});
