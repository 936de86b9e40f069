import {
  defineExtensionPoint,
  type ExtensionPoint,
  type Extensions,
  PluginError,
} from '@turingpi/core/plugin';
import { methodNameOf, type PostInstallAction } from './post-install-action.js';

declare module '@turingpi/core/plugin' {
  interface Contributions {
    /** What can be done to a node after its installation. */
    actions: PostInstallAction;
  }
}

/** What can be done to a node after its installation: `definePlugin({ actions: [AptAction] })`. */
export const ACTIONS: ExtensionPoint<PostInstallAction> = defineExtensionPoint<PostInstallAction>({
  key: 'actions',
  title: 'post-install action',
  check({ title, place, inputs, perform }: Record<'title' | 'place' | 'inputs' | 'perform', unknown>) {
    if (typeof title !== 'string' || title === '') return 'it has no `title`';
    if (place !== 'node' && place !== 'local') return 'its `place` is neither `node` nor `local`';
    if (typeof inputs !== 'function') return 'it has no function `inputs`';
    return typeof perform === 'function' ? undefined : 'it has no function `perform`';
  },
});

const METHOD = /^(?:local|remote)\.(?!then$)[A-Za-z]\w*$/;

/**
 * Every action that plugins bring, by id in alphabetical order.
 *
 * @throws PluginError `PLUGIN_INVALID` for one whose method cannot be called so; `PLUGIN_DUPLICATE_ID` when two are called
 * by the same method.
 */
export function actionsOf(extensions: Extensions): readonly PostInstallAction[] {
  const actions = extensions.all(ACTIONS);
  const byMethod = new Map<string, PostInstallAction>();
  for (const action of actions) {
    const method = methodNameOf(action);
    const other = byMethod.get(method);
    if (!METHOD.test(method))
      throw new PluginError('PLUGIN_INVALID', `the action "${action.id}" cannot be called as ${method}`, {
        hint: 'Give it a `method` with the name of a function, for example `remote.apk`.',
      });
    if (other !== undefined)
      throw new PluginError(
        'PLUGIN_DUPLICATE_ID',
        `the actions "${other.id}" and "${action.id}" are both called as ${method}`,
        { hint: 'Remove one of their plugins from `plugins` or from the dependencies.' },
      );
    byMethod.set(method, action);
  }
  return actions;
}
