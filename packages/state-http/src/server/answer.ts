import { z } from 'zod';
import {
  amendSchema,
  bindSchema,
  entrySchema,
  finishSchema,
  leaseIdSchema,
  leasePlaceSchema,
  leaseRequestSchema,
  linesSchema,
  placeSchema,
  textChangeSchema,
} from '../wire/messages.js';
import { NotUnderstood } from './not-understood.js';
import type { ServedCluster } from './served-cluster.js';

/** What a client asks of a cluster. */
export interface Asked {
  readonly method: string;
  /** Parts of the path behind the cluster. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** Fires when the client is gone. */
  readonly signal: AbortSignal;
  /** When the request came, by the clock of `performance`. */
  readonly since: number;
}

type Route = (served: ServedCluster, asked: Asked) => unknown;

/** @throws NotUnderstood, without what was sent: there may be secrets in it. */
function parsed<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const { success, data } = schema.safeParse(value);
  if (!success) throw new NotUnderstood();
  return data;
}

const read = <S extends z.ZodType>(schema: S, { body }: Asked): z.output<S> => parsed(schema, body);
const word = ({ path }: Asked, index: number): string => path[index] ?? '';
const phaseOf = (asked: Asked) => parsed(placeSchema, { node: word(asked, 1), phase: word(asked, 2) });
const idOf = (asked: Asked) => parsed(leaseIdSchema, word(asked, 1));
const leaseOf = (asked: Asked) => ({
  id: idOf(asked),
  place: parsed(leasePlaceSchema, Object.fromEntries(asked.query)),
});
const nodeOf = (asked: Asked) => parsed(placeSchema.shape.node, word(asked, 1));

const fromSchema = z.coerce.number().int().min(0);

/** By method and path, in which `*` is any part. */
const ROUTES: Readonly<Record<string, Route>> = {
  'GET state': (served) => served.state(),
  'PUT board': (served, asked) => served.bind(read(bindSchema, asked)),
  'PUT nodes/*': (served, asked) => served.amend(nodeOf(asked), read(amendSchema, asked)),
  'DELETE nodes/*': (served, asked) => served.store.forget(nodeOf(asked)),
  'DELETE phases/*/*': (served, asked) => {
    const { node, phase } = phaseOf(asked);
    return served.store.forget(node, phase);
  },
  'GET phases/*/*/holder': async (served, asked) => {
    const { node, phase } = phaseOf(asked);
    const holder = await served.holder(node, phase, asked.query.has('watch') ? asked.signal : undefined);
    return { ...(holder === undefined ? {} : { holder }) };
  },
  'GET phases/*/*/journal': async (served, asked) => {
    const { node, phase } = phaseOf(asked);
    return { entries: await served.journal(node, phase) };
  },
  'PUT leases/*': async (served, asked) => {
    const { since, ...grant } = await served.lease(
      idOf(asked),
      read(leaseRequestSchema, asked),
      asked.signal,
    );
    return { ...grant, afterMs: since - asked.since };
  },
  'GET leases/*': (served, asked) => served.look(leaseOf(asked)),
  'DELETE leases/*': (served, asked) => served.giveBack(leaseOf(asked)),
  'POST leases/*/sign': (served, asked) => served.sign(leaseOf(asked)),
  'POST leases/*/journal': (served, asked) => served.append(leaseOf(asked), read(entrySchema, asked)),
  'POST leases/*/record': (served, asked) => served.finish(leaseOf(asked), read(finishSchema, asked)),
  'GET secrets': async (served) => textReply(await served.readText()),
  'PUT secrets': (served, asked) => served.changeText(read(textChangeSchema, asked), undefined),
  'GET texts/*': async (served, asked) => textReply(await served.readText(word(asked, 1))),
  'PUT texts/*': (served, asked) => served.changeText(read(textChangeSchema, asked), word(asked, 1)),
  'GET logs': async (served, asked) => ({ logs: await served.logs(asked.query.get('prefix') ?? '') }),
  'GET logs/*': async (served, asked) => ({
    lines: await served.readLines(word(asked, 1), parsed(fromSchema, asked.query.get('from') ?? 0)),
  }),
  'POST logs/*': (served, asked) => served.addLines(word(asked, 1), read(linesSchema, asked)),
  'DELETE logs/*': (served, asked) => served.removeLog(word(asked, 1)),
};

/** Does what a client asks. @returns The body of the answer. @throws ChangedMeanwhile; what the store throws. */
export function answer(served: ServedCluster, asked: Asked): unknown {
  const wanted = [asked.method, ...asked.path];
  for (const [route, handle] of Object.entries(ROUTES)) {
    const parts = route.split(/[ /]/);
    const fits =
      parts.length === wanted.length && parts.every((part, i) => part === '*' || part === wanted[i]);
    if (fits) return handle(served, asked);
  }
  throw new NotUnderstood();
}

function textReply(text: string | undefined) {
  return { ...(text === undefined ? {} : { text }) };
}
