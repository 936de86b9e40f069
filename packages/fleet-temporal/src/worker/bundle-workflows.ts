import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { pathOf } from '../client/fleet-connection.js';
import { keptWorkflows } from './kept-workflows.js';

/** The workflows as text for Temporal's sandbox. */
export interface BundledWorkflows {
  readonly code: string;
}

/** One file of the workflows, for controllers: the one that the package brings, or, where other versions are installed, made now. */
export async function bundleWorkflows(): Promise<BundledWorkflows> {
  const code = await keptWorkflows();
  return code === undefined ? bundleAnew() : { code };
}

/** Takes seconds. */
export function bundleAnew(): Promise<BundledWorkflows> {
  return bundleWorkflowCode({
    logger: new DefaultLogger('WARN'),
    workflowsPath: pathOf('workflows.js'),
    failureConverterPath: pathOf('codec/failure-converter.js'),
  });
}
