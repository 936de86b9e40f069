import { PHASE_NAMES, PHASE_WORDS } from '../text/words.js';

/** What the signs of the timeline mean. */
export function Legend() {
  return (
    <ul class="legend" aria-label="Signs of the timeline">
      {PHASE_NAMES.map((phase) => (
        <li key={phase}>
          <span class={`sample bar of-${phase}`} />
          {PHASE_WORDS[phase]}
        </li>
      ))}
      <li>
        <span class="sample bar is-failed" />
        failed
      </li>
      <li>
        <span class="sample bar is-skipped" />
        skipped or left
      </li>
      <li>
        <span class="sample wait" />
        waits for its turn
      </li>
      <li>
        <span class="sample stick" />
        action
      </li>
      <li>
        <span class="sample stick same" />
        action that changed nothing
      </li>
      <li>
        <span class="sample stick replayed" />
        on record already
      </li>
    </ul>
  );
}
