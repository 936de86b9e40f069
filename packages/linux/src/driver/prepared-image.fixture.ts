import { imageBuilderOf } from '@turingpi/provisioning';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CustomizedImage } from '@turingpi/core';
import { Node1 } from '@turingpi/foundation';
import type { Context } from '@turingpi/core/plugin';
import type { FirstBootCredentials } from '@turingpi/provisioning';
import { RK1_UBUNTU, TestCluster } from './test-cluster.fixture.js';

const SECRETS = 'node-secrets.json';

/** An image made once for many tests of what comes after; it looks like one from another run. */
export class PreparedImage implements AsyncDisposable {
  private constructor(
    readonly image: CustomizedImage,
    private readonly maker: TestCluster,
  ) {}

  static async make(credentials: FirstBootCredentials = {}): Promise<PreparedImage> {
    const maker = await TestCluster.create();
    const cluster = await maker.open();
    let image: CustomizedImage | undefined;
    await cluster.run(async (context: Context) => {
      const builder = imageBuilderOf('ubuntu').withBaseImage(RK1_UBUNTU);
      image = await builder.withCredentials(credentials).run(context);
    })(Node1);
    return new PreparedImage(JSON.parse(JSON.stringify(image)) as CustomizedImage, maker);
  }

  /** A cluster to which this image's credentials are known, and whose board believes what the record says. */
  async cluster(): Promise<TestCluster> {
    const test = await TestCluster.create();
    test.board.readsImages = false;
    await copyFile(join(this.maker.cacheDir, SECRETS), join(test.cacheDir, SECRETS));
    return test;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.maker[Symbol.asyncDispose]();
  }
}
