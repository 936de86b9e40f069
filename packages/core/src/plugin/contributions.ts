/**
 * What plugins may contribute, by the key under which they list it: the type of one contribution.
 *
 * @remarks Empty here: core knows only that there are extension points. The package that defines one adds its key:
 * `declare module '@turingpi/core/plugin' { interface Contributions { boards: BoardDriver } }`, and the point itself
 * with {@link defineExtensionPoint}.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled in by those who define extension points
export interface Contributions {}
