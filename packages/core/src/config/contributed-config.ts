/**
 * What plugins take under keys of their own, by key: the type of what people write there.
 *
 * @remarks Empty here. A plugin in TypeScript adds its key, so that `createTuringPi({ rack: … })` compiles:
 * `declare module '@turingpi/core/plugin' { interface ContributedConfig { rack: { name: string } } }`.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled in by those who bring configuration keys
export interface ContributedConfig {}
