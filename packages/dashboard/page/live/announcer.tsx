import { useEffect, useRef, useState } from 'preact/hooks';

/** So much time passes between two announcements: what happens meanwhile is told together. */
const QUIET_MS = 4000;

interface AnnouncerProps {
  /** What has come to an end, by its name; what was there from the beginning is not told. */
  readonly states: ReadonlyMap<string, string>;
}

/** Tells a screen reader when something ends, and nothing of what lies between. */
export function Announcer({ states }: AnnouncerProps) {
  const [text, setText] = useState('');
  const told = useRef(new Map<string, string>());
  const news = useRef<string[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  useEffect(() => {
    const isFirst = told.current.size === 0;
    for (const [key, state] of states) {
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
  }, [states]);
  useEffect(() => () => clearTimeout(timer.current), []);

  return (
    <div class="unseen" role="status" aria-live="polite">
      {text}
    </div>
  );
}
