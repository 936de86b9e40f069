import { useEffect, useRef, useState } from 'preact/hooks';
import type { RunView } from '../../src/model/run-view.js';
import { NODE_STATUS, RUN_STATUS } from '../text/words.js';

/** So much time passes between two announcements: what happens meanwhile is told together. */
const QUIET_MS = 4000;

/** Tells a screen reader when a node or the run ends, and nothing of what lies between. */
export function Announcer({ view }: { readonly view: RunView }) {
  const [text, setText] = useState('');
  const told = useRef(new Map<string, string>());
  const news = useRef<string[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  useEffect(() => {
    const isFirst = told.current.size === 0;
    const states = view.nodes
      .filter(({ status }) => status !== 'waiting' && status !== 'running')
      .map(({ board, nodeId, hostname, status }) => [
        `${board}/${nodeId}`,
        `${hostname} ${NODE_STATUS[status]}`,
      ]);
    if (view.facts) states.push(['run', `The run: ${RUN_STATUS[view.status]}`]);
    for (const [key = '', state = ''] of states) {
      if (told.current.get(key) === state) continue;
      told.current.set(key, state);
      if (!isFirst) news.current.push(state);
    }
    if (news.current.length === 0 || timer.current !== undefined) return;
    const tell = () => {
      setText(news.current.splice(0).join('. '));
      timer.current = setTimeout(() => {
        timer.current = undefined;
        if (news.current.length > 0) tell();
      }, QUIET_MS);
    };
    tell();
  }, [view]);
  useEffect(() => () => clearTimeout(timer.current), []);

  return (
    <div class="unseen" role="status" aria-live="polite">
      {text}
    </div>
  );
}
