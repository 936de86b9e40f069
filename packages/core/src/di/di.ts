import 'reflect-metadata'; // tsyringe needs it first; imported nowhere else in the repository
import { container, type DependencyContainer, instanceCachingFactory } from 'tsyringe';

export { instanceCachingFactory };
export type { DependencyContainer };

/** A symbol that remembers what it resolves to. */
export type Token<T> = symbol & { readonly __type?: T };

/** Makes a token; two installed copies of a package that use the same name mean the same service. */
export function createToken<T>(name: string): Token<T> {
  return Symbol.for(`@turingpi:${name}`);
}

/** A container of our own: tsyringe's global one would be shared by everything in the process. */
export function createContainer(): DependencyContainer {
  return container.createChildContainer();
}
