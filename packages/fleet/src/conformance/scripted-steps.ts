import type {
  BoardSteps,
  NodePlan,
  PlanTask,
  StepContext,
  StepName,
  StepResult,
  StepTask,
} from '../orchestrator/board-steps.js';

/** A step that runs, held by the script. */
export interface HeldStep {
  readonly task: StepTask;
  readonly step: StepName;
  readonly signal: AbortSignal;
  finish(): void;
  fail(error: Error): void;
}

/**
 * Steps that touch nothing and end when they are told to: what an orchestrator does is seen, whatever time it takes.
 *
 * @remarks A step that is not held ends at once. A held one whose signal fires throws the reason.
 */
export class ScriptedSteps implements BoardSteps {
  /** Everything that began, in order: `board/node step`. */
  readonly begun: string[] = [];
  /** The tasks of all that began. */
  readonly tasks: StepTask[] = [];
  readonly #running = new Map<string, HeldStep>();
  readonly #most = new Map<string, number>();
  readonly #failures = new Map<string, Error[]>();
  #waiting: (() => void)[] = [];
  #holds: (name: string) => boolean = () => false;

  /** Holds the steps whose name, `board/node step`, fits. */
  hold(fits: (name: string) => boolean): void {
    this.#holds = fits;
  }

  /** Lets everything that is held end well, now and from now on. */
  release(): void {
    this.#holds = () => false;
    for (const held of this.#running.values()) held.finish();
  }

  /** Has the next attempts of a step fail, one by one. */
  failNext(name: string, ...errors: readonly Error[]): void {
    this.#failures.set(name, [...(this.#failures.get(name) ?? []), ...errors]);
  }

  /** The steps that run now. */
  get running(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** The most of a kind that ran side by side, for example `boards`, `install`, `lab1 install`. */
  most(kind: string): number {
    return this.#most.get(kind) ?? 0;
  }

  /** Waits until so many of a kind, as of {@link most}, have run side by side. */
  async untilMost(kind: string, count: number): Promise<void> {
    while (this.most(kind) < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Waits until a step of this name runs. */
  until(name: string): Promise<HeldStep> {
    return this.next((one) => one === name);
  }

  /** Waits until a step whose name fits runs. */
  async next(fits: (name: string) => boolean): Promise<HeldStep> {
    for (;;) {
      for (const [name, held] of this.#running) if (fits(name)) return held;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  plan({ board, nodes = [1], reinstall }: PlanTask): Promise<readonly NodePlan[]> {
    if (board === 'unreachable') return Promise.reject(new Error('password hunter2 was refused'));
    return Promise.resolve(
      nodes.map((node) => ({
        node,
        hostname: `${board}-${node}`,
        plan: String(node).repeat(64),
        changes: true,
        steps: reinstall ? ['reinstall'] : ['install'],
      })),
    );
  }

  customise(task: StepTask, context: StepContext): Promise<StepResult> {
    return this.#run('customise', task, context);
  }

  install(task: StepTask, context: StepContext): Promise<StepResult> {
    return this.#run('install', task, context);
  }

  postInstall(task: StepTask, context: StepContext): Promise<StepResult> {
    return this.#run('postInstall', task, context);
  }

  async #run(step: StepName, task: StepTask, { signal, heartbeat }: StepContext): Promise<StepResult> {
    const name = `${task.board}/${task.node} ${step}`;
    this.begun.push(name);
    this.tasks.push(task);
    const { promise: ended, held } = heldStep(step, task, signal, () => this.#running.delete(name));
    this.#running.set(name, held);
    this.#count(step, task.board);
    try {
      heartbeat({ doing: step, part: 0 });
      for (const wake of this.#waiting.splice(0)) wake();
      signal.throwIfAborted();
      const failure = this.#failures.get(name)?.shift();
      if (failure !== undefined) throw failure;
      if (this.#holds(name)) await ended;
      return {
        outcome: 'done',
        digests: { image: task.plan },
        ids: step === 'customise' ? {} : { installation: `${task.board}-${task.node}` },
      };
    } finally {
      this.#running.delete(name);
    }
  }

  /** Counts what runs by step, by board, and by step of a board. */
  #count(step: StepName, board: string): void {
    const names = [...this.#running.keys()];
    const boards = new Set(names.map((name) => name.split('/')[0]));
    const of = (fits: (name: string) => boolean) => names.filter(fits).length;
    const counts = {
      boards: boards.size,
      [step]: of((name) => name.endsWith(` ${step}`)),
      [`${board} ${step}`]: of((name) => name.startsWith(`${board}/`) && name.endsWith(` ${step}`)),
    };
    for (const [kind, count] of Object.entries(counts))
      this.#most.set(kind, Math.max(count, this.most(kind)));
  }
}

function heldStep(step: StepName, task: StepTask, signal: AbortSignal, onEnd: () => void) {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((...settle) => ([resolve, reject] = settle));
  promise.catch(() => undefined); // one that was not held is not waited for
  const fail = (error: Error) => {
    onEnd();
    reject(error);
  };
  const finish = () => {
    onEnd();
    resolve();
  };
  signal.addEventListener('abort', () => fail(signal.reason as Error), { once: true });
  const held: HeldStep = { task, step, signal, finish, fail };
  return { promise, held };
}
