import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { pathOf } from '../client/fleet-connection.js';

/** Makes one file of the workflows, for several controllers. Takes seconds. */
export function bundleWorkflows(): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    logger: new DefaultLogger('WARN'),
    workflowsPath: pathOf('workflows.js'),
    failureConverterPath: pathOf('codec/failure-converter.js'),
  });
}
