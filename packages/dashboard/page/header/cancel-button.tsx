import { useId, useRef, useState } from 'preact/hooks';

interface CancelButtonProps {
  /** `run`, as in "Cancel this run?" */
  readonly thing: string;
  /** What tells it from others of its kind, where there are several. */
  readonly name?: string;
  /** What it means, for who has to decide. */
  readonly means: string;
  readonly cancelling: boolean;
  readonly session: Promise<string | undefined>;
}

/** The one thing that can be done from here: to ask something to end. */
export function CancelButton({ thing, name, means, cancelling, session }: CancelButtonProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const question = useId();
  const [failure, setFailure] = useState<string>();
  const [asked, setAsked] = useState(false);
  const cancel = async () => {
    dialog.current?.close();
    setAsked(true);
    setFailure(undefined);
    const headers = { Authorization: `Bearer ${(await session) ?? ''}` };
    const address = name === undefined ? '/cancel' : `/cancel?what=${encodeURIComponent(name)}`;
    const answer = await fetch(address, { method: 'POST', headers }).catch(() => undefined);
    if (answer?.ok === true) return;
    setAsked(false);
    setFailure(
      (await answer?.text().catch(() => undefined)) ??
        `The ${thing} could not be asked: is the command that serves this page still there?`,
    );
  };
  return (
    <div class="cancel">
      <button type="button" disabled={cancelling || asked} onClick={() => dialog.current?.showModal()}>
        {cancelling || asked ? 'Cancelling …' : `Cancel this ${thing}`}
        {name !== undefined && <span class="unseen"> {name}</span>}
      </button>
      {failure !== undefined && (
        <p class="cancel-failure" role="alert">
          {failure}
        </p>
      )}
      <dialog ref={dialog} aria-labelledby={question}>
        <h2 id={question}>Cancel this {thing}?</h2>
        {name !== undefined && <p class="run-id">{name}</p>}
        <p>{means}</p>
        <p class="choices">
          <button type="button" autofocus onClick={() => dialog.current?.close()}>
            Let it run
          </button>
          <button type="button" class="danger" onClick={() => void cancel()}>
            Cancel the {thing}
          </button>
        </p>
      </dialog>
    </div>
  );
}
