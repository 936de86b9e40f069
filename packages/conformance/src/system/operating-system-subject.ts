import type { Plugin } from '@turingpi/core/plugin';
import type { ImageSession } from '@turingpi/image';
import type { FirstBootCredentials, NetworkConfig } from '@turingpi/provisioning';

/** What is asked of the image of one node. */
export interface AskedOfSystem {
  readonly network: NetworkConfig;
  /** A password is given as a text. Undefined: nothing is asked. */
  readonly credentials?: FirstBootCredentials & { readonly password?: string };
}

/** Something that no image of the system can be. */
export interface WrongRequest extends Partial<AskedOfSystem> {
  /** What is wrong, for people. */
  readonly title: string;
  /** Of the error that refuses it. */
  readonly code: string;
}

/** What a suite for an operating system is run on. */
export interface OperatingSystemSubject {
  /** The plugin that brings it. */
  readonly plugin: Plugin;
  readonly id: string;
  /** Type of the module that the image is for. */
  readonly board: string;
  /** A base image of the system, as small as can be. */
  readonly baseImage: string;
  /** An image that is not of the system. */
  readonly foreignImage: string;
  readonly asked: AskedOfSystem;
  /** Something else that it can be asked, in whole or in part. */
  readonly otherwise: Partial<AskedOfSystem>;
  readonly wrong: readonly WrongRequest[];
  /**
   * The private keys that an image of a system with SSH answers with, in OpenSSH's format. Default: those of OpenSSH's
   * server.
   */
  readonly hostKeysIn?: (image: ImageSession) => Promise<readonly string[]>;
}
