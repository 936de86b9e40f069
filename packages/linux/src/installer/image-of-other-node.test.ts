import { osInstallerOf } from '@turingpi/provisioning';
import { Node1, Node2, type NodeId } from '@turingpi/foundation';
import type { Context } from '@turingpi/core/plugin';
import type { UseImageOptions } from '@turingpi/provisioning';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { PreparedImage } from '../driver/prepared-image.fixture.js';
import type { TestCluster } from '../driver/test-cluster.fixture.js';

let prepared: PreparedImage;
let test: TestCluster;
beforeAll(async () => {
  prepared = await PreparedImage.make({ password: 'first' });
});
afterAll(() => prepared[Symbol.asyncDispose]());
beforeEach(async () => {
  test = await prepared.cluster();
});
afterEach(() => test[Symbol.asyncDispose]());

async function install(node: NodeId, options?: UseImageOptions) {
  const cluster = await test.open({ node2: { ip: '192.168.1.102', board: 'rk1', hostname: 'node2' } });
  let id: string | undefined;
  await cluster.run(async (context: Context) => {
    const builder = osInstallerOf('ubuntu', { initialUserPassword: 'first' });
    id = (await builder.usingImage(prepared.image, options).run(context)).installationId;
  })(node);
  return id;
}

it('is refused before anything is touched', async () => {
  await expect(install(Node2)).rejects.toMatchObject({
    code: 'IMAGE_OF_OTHER_NODE',
    details: { node: 'Node2', madeFor: 'Node1' },
  });
  expect(test.board.installed).toEqual([]);
  expect(test.takePhaseEvents()).toEqual([]);
});

it('is installed when that is said, as an installation of its own', async () => {
  const own = await install(Node1);
  const other = await install(Node2, { acceptOtherNode: true });
  expect(own).toBe(prepared.image.installationId);
  expect(other).not.toBe(own);
  expect(test.board.installed).toHaveLength(2);
});
