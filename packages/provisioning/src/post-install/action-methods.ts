import type { JsonValue } from '@turingpi/core/plugin';
import { parseInput } from '../action/parse-input.js';
import { methodNameOf, type PostInstallAction } from '../action/post-install-action.js';
import type { LocalActions } from './local-actions.js';
import type { RemoteActions } from './remote-actions.js';

/** Does an action; its input is made when it is its turn. */
type Perform = (action: PostInstallAction, input: () => unknown) => Promise<JsonValue | undefined>;

/** The objects that callbacks get: every action is a method of one of them. */
export function actionMethods(
  actions: readonly PostInstallAction[],
  perform: Perform,
): { readonly local: LocalActions; readonly remote: RemoteActions } {
  const objects = { local: {}, remote: {} };
  for (const action of actions) {
    const [owner, name] = methodNameOf(action).split('.') as ['local' | 'remote', string];
    const call = (...args: never[]) =>
      perform(action, () =>
        action.method === undefined ? parseInput(action, args[0], args[1]) : action.method.input(...args),
      );
    Object.assign(objects[owner], { [name]: call });
  }
  // The plugins that bring actions declare their methods.
  return objects as { local: LocalActions; remote: RemoteActions };
}
