import { useEffect, useState } from 'preact/hooks';

/**
 * How many of `count` things are drawn: some more in every frame, so that no frame is long and all are there soon.
 *
 * @param step - how many are drawn at once
 */
export function useGrowing(count: number, step: number): number {
  const [drawn, setDrawn] = useState(step);
  useEffect(() => {
    if (drawn >= count) return;
    // Not only when a frame is drawn: a page in the background is to be complete as well.
    const timer = setTimeout(() => setDrawn(drawn + step), 16);
    return () => clearTimeout(timer);
  }, [drawn, count, step]);
  return Math.min(drawn, count);
}
