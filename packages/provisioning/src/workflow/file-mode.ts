import { z } from 'zod';
import { ON_CHANGE } from '../action/step.js';

const HIGHEST = 0o7777;

/**
 * A mode that a configuration file writes so that it can be read in two ways.
 *
 * @remarks To YAML 1.2 `0644` is the number 644, and so is `644`; to everybody who writes a mode both are octal, but a
 * bare `420` may be meant in decimal. A number in code has been written in code, and is taken as it is.
 */
export class AmbiguousMode {
  constructor(readonly written: string) {}
}

/**
 * The mode that the source text of a number means.
 *
 * @param written - as it stands in the file: `0644`, `0o644`, `644`
 */
export function readWrittenMode(written: string): number | AmbiguousMode {
  const octal = /^(?:0o?[0-7]{1,5}|[0-7])$/.test(written)
    ? Number.parseInt(written.replace(/^0o/, ''), 8)
    : Number.NaN;
  return octal <= HIGHEST ? octal : new AmbiguousMode(written);
}

/** A mode as a configuration says it: octal text, or a number. */
export const fileMode = z.union(
  [
    z.int().min(0).max(HIGHEST),
    z
      .string()
      .regex(/^(?:0o?)?[0-7]{3,4}$/)
      .transform((text) => Number.parseInt(text.replace(/^0o/, ''), 8)),
  ],
  { error: ({ input }) => describeBadMode(input) },
);

function describeBadMode(input: unknown): string {
  if (!(input instanceof AmbiguousMode)) return 'expected an octal mode such as "0644"';
  const { written } = input;
  const octal = /^[0-7]{3,4}$/.test(written) ? `0${written}` : '0644';
  return `is ${written}, which may be meant in octal or in decimal; write ${octal} or "${octal}"`;
}

/** A place in the `workflow` section where a mode may stand. */
export interface ModePlace {
  readonly path: readonly (string | number)[];
  readonly holder: Record<string, unknown>;
}

/** Every `mode` in a section that is not yet validated: of `files`, and of whatever a step does. */
export function modePlaces(workflow: unknown): ModePlace[] {
  const nodes = Object.entries(record(record(workflow)?.['nodes']) ?? {});
  return [[[], workflow] as const, ...nodes.map(([name, part]) => [['nodes', name], part] as const)].flatMap(
    ([path, part]) => [
      ...entries(part, 'files').map(([index, file]) => ({ path: [...path, 'files', index], holder: file })),
      ...entries(part, 'postInstall').flatMap(([index, step]) =>
        modePlacesOfStep(step, [...path, 'postInstall', index]),
      ),
    ],
  );
}

function modePlacesOfStep(step: Record<string, unknown>, path: ModePlace['path']): ModePlace[] {
  return [
    ...Object.entries(step).flatMap(([action, value]) => {
      const holder = record(value);
      return holder ? [{ path: [...path, action], holder }] : [];
    }),
    ...entries(step, ON_CHANGE).flatMap(([index, handler]) =>
      modePlacesOfStep(handler, [...path, ON_CHANGE, index]),
    ),
  ];
}

function entries(part: unknown, key: string): [number, Record<string, unknown>][] {
  const list = record(part)?.[key];
  if (!Array.isArray(list)) return [];
  return list.flatMap((item, index) => {
    const entry = record(item);
    return entry ? [[index, entry] as [number, Record<string, unknown>]] : [];
  });
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
