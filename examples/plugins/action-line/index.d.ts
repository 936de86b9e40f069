import type { Plugin } from '@turingpi/core/plugin';
import type { PostInstallAction } from '@turingpi/provisioning';

/** What the action is given, in code as in a configuration file. */
export interface Line {
  readonly path: string;
  readonly line: string;
}

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Makes sure that a file of the node has a line. */
    line(wanted: Line): Promise<{ readonly added: boolean }>;
  }
}

export declare class LineAction implements PostInstallAction<Line> {
  readonly id: 'line';
  readonly title: string;
  readonly place: 'node';
  inputs: PostInstallAction<Line>['inputs'];
  perform: PostInstallAction<Line>['perform'];
}

declare const plugin: Plugin;
export default plugin;
