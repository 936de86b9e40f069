// For those who make a runtime of their own: what a command's end is told by, so that all runtimes tell it alike.
export { commandFailure, describeCommand, type FailedCommand } from './command-failure.js';
export { OutputTail } from './output-tail.js';
export { commandTimeout } from './command-timeout.js';
export { Deadline } from './deadline.js';
export type { CommandResult } from './command-result.js';
