import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { pathOf } from '../client/fleet-connection.js';

/** The workflows as text for Temporal's sandbox. */
export interface BundledWorkflows {
  readonly code: string;
  readonly sourceMap: string;
}

/** Makes one file of the workflows, for several controllers. Takes seconds. */
export function bundleWorkflows(): Promise<BundledWorkflows> {
  return bundleWorkflowCode({
    logger: new DefaultLogger('WARN'),
    workflowsPath: pathOf('workflows.js'),
    failureConverterPath: pathOf('codec/failure-converter.js'),
  });
}
