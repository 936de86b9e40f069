import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { PayloadCodec } from '@temporalio/common';
import proto, { type temporal } from '@temporalio/proto';
import type { FleetEvent, FleetHappening, Rollout, RolloutOutcome } from '@turingpi/fleet/orchestrator';
import { unreadable } from '../codec/unreadable-error.js';
import type { RolloutInput } from '../workflow/messages.js';
import { type HistoryEvent, workflowHistory } from './workflow-history.js';

const { EventType, SignalExternalWorkflowExecutionFailedCause: Cause } = proto.temporal.api.enums.v1;
const NOT_FOUND = Cause.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND;
type Payloads = temporal.api.common.v1.IPayloads | null | undefined;

/** Reads what happened in a rollout out of the history of its workflow, which has it in an order that stays. */
export class RolloutEvents {
  #rollout: Rollout | undefined;
  #number = 0;
  /** Boards that have begun and not ended. */
  readonly #running = new Set<string>();

  constructor(
    private readonly client: Client,
    private readonly codec: PayloadCodec,
  ) {}

  /** The rollout, once its first event is there. */
  get rollout(): Rollout | undefined {
    return this.#rollout;
  }

  async *read(
    workflowId: string,
    options: { readonly follow: boolean; readonly signal: AbortSignal },
  ): AsyncGenerator<FleetEvent, void, void> {
    for await (const event of workflowHistory(this.client, workflowId, options))
      for (const happening of await this.#happeningsIn(event)) {
        this.#number += 1;
        const rollout = this.#rollout?.id ?? '';
        yield { ...happening, number: this.#number, rollout, at: timeOf(event) };
      }
  }

  async #happeningsIn(event: HistoryEvent): Promise<readonly FleetHappening[]> {
    const signaled = event.workflowExecutionSignaledEventAttributes;
    if (signaled?.signalName === 'happened') {
      const told = await this.#decode(signaled.input);
      if (!Array.isArray(told)) throw unreadable('tells of no rollout');
      const happenings = told as readonly FleetHappening[];
      for (const happening of happenings) {
        if (happening.type === 'board:started') this.#running.add(happening.board);
        if (happening.type === 'board:ended') this.#running.delete(happening.board);
      }
      return happenings;
    }
    const started = event.workflowExecutionStartedEventAttributes;
    if (started != null && this.#rollout === undefined) {
      const input = (await this.#decode(started.input)) as Partial<RolloutInput> | null | undefined;
      if (!Array.isArray(input?.rollout?.boards)) throw unreadable('is no rollout');
      this.#rollout = input.rollout;
      return [{ type: 'rollout:started' }];
    }
    const gone =
      event.childWorkflowExecutionFailedEventAttributes ??
      event.childWorkflowExecutionTerminatedEventAttributes ??
      event.childWorkflowExecutionTimedOutEventAttributes ??
      notFoundIn(event);
    if (gone != null) return this.#boardGone(gone.workflowExecution?.workflowId ?? '');
    const outcome = await this.#outcomeIn(event);
    return outcome === undefined ? [] : [{ type: 'rollout:ended', outcome }];
  }

  /** A board whose workflow somebody has ended said nothing of it. */
  #boardGone(workflowId: string): readonly FleetHappening[] {
    const name = workflowId.slice(workflowId.lastIndexOf('/') + 1);
    const board = this.#rollout?.boards.find(({ board: each }) => each === name);
    if (board === undefined || !this.#running.delete(name)) return [];
    return [{ type: 'board:ended', board: name, site: board.site, state: 'failed' }];
  }

  async #outcomeIn(event: HistoryEvent): Promise<RolloutOutcome | undefined> {
    const completed = event.workflowExecutionCompletedEventAttributes;
    if (completed != null)
      return ((await this.#decode(completed.result)) as { readonly outcome: RolloutOutcome }).outcome;
    switch (event.eventType) {
      case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED:
      case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:
        return 'cancelled';
      case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
      case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT:
        return 'failed';
      default:
        return undefined;
    }
  }

  async #decode(payloads: Payloads): Promise<unknown> {
    const [payload] = await this.codec.decode([...(payloads?.payloads ?? [])]);
    return payload === undefined ? undefined : defaultPayloadConverter.fromPayload(payload);
  }
}

/** A board that was begun by an earlier run of the rollout's workflow, and is not there when it is asked to tell its end. */
function notFoundIn(event: HistoryEvent) {
  const failed = event.signalExternalWorkflowExecutionFailedEventAttributes;
  return failed?.cause === NOT_FOUND ? failed : undefined;
}

function timeOf({ eventTime }: HistoryEvent): string {
  const seconds = Number(eventTime?.seconds ?? 0);
  return new Date(seconds * 1000 + Math.floor((eventTime?.nanos ?? 0) / 1_000_000)).toISOString();
}
