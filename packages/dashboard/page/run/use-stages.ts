import { useEffect, useState } from 'preact/hooks';

/**
 * How many parts of the page are drawn: one more at a time, so that what is on top is seen at once and the browser is never
 * busy for long.
 */
export function useStages(parts: number): number {
  const [drawn, setDrawn] = useState(1);
  useEffect(() => {
    if (drawn >= parts) return;
    const timer = setTimeout(() => setDrawn(drawn + 1));
    return () => clearTimeout(timer);
  }, [drawn, parts]);
  return drawn;
}
