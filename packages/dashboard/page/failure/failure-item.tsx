import type { ComponentChildren } from 'preact';
import { StatusMark } from '../mark/status-mark.js';
import { WithCode } from '../text/with-code.js';

interface FailureItemProps {
  /** Left alone on purpose, or tried again: it is no failure yet. */
  readonly blocked: boolean;
  /** What it is about. */
  readonly title: ComponentChildren;
  /** Where in it. */
  readonly where: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly console?: readonly string[] | undefined;
}

/** One thing that went wrong, with what to do about it. */
export function FailureItem({ blocked, title, where, code, message, hint, console }: FailureItemProps) {
  return (
    <li class={blocked ? 'failure is-blocked' : 'failure is-failed'}>
      <h3>
        <StatusMark status={blocked ? 'blocked' : 'failed'} />
        {title}
        <span class="where">{where}</span>
        <code>{code}</code>
      </h3>
      <p class="message">
        <WithCode text={message} />
      </p>
      {hint !== undefined && (
        <p class="hint">
          <strong>What to do:</strong> <WithCode text={hint} />
        </p>
      )}
      {console !== undefined && (
        <figure>
          <figcaption>The node’s console, last lines</figcaption>
          <pre tabIndex={0}>{console.join('\n')}</pre>
        </figure>
      )}
    </li>
  );
}
