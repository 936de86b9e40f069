import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from '@opentelemetry/api';

/** The step of a fleet that is being done: runs in it are part of it. */
export const STEP_CONTEXT = new AsyncLocalStorage<Context>();
