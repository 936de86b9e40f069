import { PluginError } from '../errors/plugin-error.js';
import type { Token } from './di.js';

/** Tokens of constructor parameters by their place, until the class that they belong to is decorated itself. */
const parameters = new WeakMap<object, Token<unknown>[]>();

/**
 * Says which service a constructor parameter is given.
 *
 * @remarks Decorators of parameters need `experimentalDecorators` in TypeScript; a static `inject` needs no flag.
 */
export function inject(token: Token<unknown>): ParameterDecorator {
  return (type, _method, index) => {
    const tokens = parameters.get(type) ?? [];
    tokens[index] = token;
    parameters.set(type, tokens);
  };
}

/**
 * Writes the tokens of a class's constructor parameters into its static `inject`.
 *
 * @remarks They are in the class itself, and in no list of a container: a class that was decorated with one copy of this
 * package is made by another one.
 * @throws PluginError `PLUGIN_INVALID` for a parameter without `@inject`.
 */
export function injectable(): ClassDecorator {
  return (type) => {
    const tokens = parameters.get(type) ?? [];
    const parameterCount = type.length;
    for (let index = 0; index < parameterCount; index += 1)
      if (tokens[index] === undefined)
        throw new PluginError(
          'PLUGIN_INVALID',
          `parameter ${index + 1} of the constructor of ${type.name} does not say which service it is`,
          { hint: 'Write @inject(TOKEN) before it.' },
        );
    // Without parameters of its own it has those of the class that it extends.
    if (tokens.length > 0) Object.defineProperty(type, 'inject', { value: Object.freeze([...tokens]) });
  };
}
