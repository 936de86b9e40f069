/** For this page alone, also when it is loaded again; its origin has our port in it, so that no other server's page sees it. */
const KEY = 'turingpi-session';

/**
 * Exchanges the token of the address for the right to look, and takes it out of the address.
 *
 * @returns What is said with each request; undefined where the address was used already.
 */
export async function openSession(): Promise<string | undefined> {
  const token = new URL(location.href).searchParams.get('token');
  if (token !== null) {
    history.replaceState(null, '', location.pathname); // not kept in a history
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await fetch('/session', { method: 'POST', headers }).catch(() => undefined);
    if (answer?.ok === true) sessionStorage.setItem(KEY, await answer.text());
  }
  return sessionStorage.getItem(KEY) ?? undefined;
}
