import { useRef, useState } from 'preact/hooks';

/** The one thing that can be done from here: to ask the run to end. */
export function CancelRun({
  cancelling,
  session,
}: {
  readonly cancelling: boolean;
  readonly session: Promise<string | undefined>;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [failure, setFailure] = useState<string>();
  const [asked, setAsked] = useState(false);
  const cancel = async () => {
    dialog.current?.close();
    setAsked(true);
    const headers = { Authorization: `Bearer ${(await session) ?? ''}` };
    const answer = await fetch('/cancel', { method: 'POST', headers }).catch(() => undefined);
    if (answer?.ok === true) return;
    setAsked(false);
    setFailure(
      (await answer?.text().catch(() => undefined)) ??
        'The run could not be asked: is its command still there?',
    );
  };
  return (
    <div class="cancel">
      <button type="button" disabled={cancelling || asked} onClick={() => dialog.current?.showModal()}>
        {cancelling || asked ? 'Cancelling …' : 'Cancel this run'}
      </button>
      {failure !== undefined && (
        <p class="cancel-failure" role="alert">
          {failure}
        </p>
      )}
      <dialog ref={dialog} aria-labelledby="cancel-question">
        <h2 id="cancel-question">Cancel this run?</h2>
        <p>
          It ends at the next safe point. A flash that is under way is cancelled on the board, and its node
          has to be installed again. What is completed stays so; the next run goes on from there.
        </p>
        <p class="choices">
          <button type="button" autofocus onClick={() => dialog.current?.close()}>
            Let it run
          </button>
          <button type="button" class="danger" onClick={() => void cancel()}>
            Cancel the run
          </button>
        </p>
      </dialog>
    </div>
  );
}
