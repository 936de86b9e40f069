import { condition, setHandler } from '@temporalio/workflow';
import { resume } from './messages.js';

/** Is there for as long as a site is drained. */
export async function drainWorkflow(): Promise<void> {
  let isResumed = false;
  setHandler(resume, () => void (isResumed = true));
  await condition(() => isResumed);
}
