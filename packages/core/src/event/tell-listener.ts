/**
 * Tells a listener of an event. Listeners observe: what they throw, or reject with, changes nothing.
 *
 * @param onFailure - told of it
 */
export function tellListener<E>(
  listener: (event: E) => unknown,
  event: E,
  onFailure: (error: unknown) => void,
): void {
  try {
    // A listener may turn out to be asynchronous: its rejection must not end the process as an unhandled one.
    const result = listener(event);
    if (result instanceof Promise) result.catch(onFailure);
  } catch (error) {
    onFailure(error);
  }
}
