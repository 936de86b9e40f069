import { DockerBackend } from '@turingpi/image-docker';
import { LoopBackend } from '@turingpi/image-loop';
import { UserspaceBackend } from '@turingpi/image';
import { imageEscapeCases } from '@turingpi/conformance';
import { beforeAll, describe, it } from 'vitest';
import { requireTools } from '../../support/site/require-tools.js';
import { rk1Subject } from './backend-subject.js';
import { DOCKER_IMAGE, importDockerImage, requireDocker } from './require-docker.js';
import { requireRoot } from './require-root.js';

describe('userspace', () => {
  for (const { name, run } of imageEscapeCases(rk1Subject(new UserspaceBackend()))) it(name, run);
});

describe.skipIf(requireTools('losetup', 'mount', 'e2fsck').missing || requireRoot().missing)('loop', () => {
  for (const { name, run } of imageEscapeCases(rk1Subject(new LoopBackend()))) it(name, run);
});

describe.skipIf(requireDocker().missing)('docker', () => {
  beforeAll(importDockerImage);
  const backend = new DockerBackend({ image: DOCKER_IMAGE });
  for (const { name, run } of imageEscapeCases(rk1Subject(backend))) it(name, run);
});
