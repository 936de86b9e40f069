import { checkSchema } from '../config/check-config-keys.js';
import type { ClusterConfig } from '../config/cluster-config.js';
import type { ConfigIssue } from '../config/describe-issues.js';
import type { StateStoreDriver } from './state-stores.js';

/** What a configuration says of its store, checked by the schema of the store. */
export interface ExaminedStore {
  /** As the schema made it; undefined where there is none, or something is wrong. */
  readonly settings: unknown;
  readonly issues: readonly ConfigIssue[];
}

/** Checks what is written below `state: { ID: … }`. */
export async function examineStateStore(
  { stateSettings, stateStore }: Pick<ClusterConfig, 'stateStore' | 'stateSettings'>,
  { settings: schema }: Pick<StateStoreDriver, 'settings'>,
): Promise<ExaminedStore> {
  const path = ['state', stateStore];
  if (schema === undefined) {
    const isEmpty = stateSettings === undefined || Object.keys(stateSettings ?? {}).length === 0;
    const issues = isEmpty ? [] : [{ path, message: 'has no settings: write `stateStore` instead' }];
    return { settings: undefined, issues };
  }
  const checked = await checkSchema(path, schema, stateSettings ?? {});
  return 'value' in checked
    ? { settings: checked.value, issues: [] }
    : { settings: undefined, issues: checked.issues };
}
