/**
 * Says whether this process may mount: Linux, as root. Otherwise the test is skipped; with `CI=true` that is a failure.
 */
export function requireRoot(): { readonly missing: boolean } {
  if (process.platform === 'linux' && process.geteuid?.() === 0) return { missing: false };
  const text = 'mounting needs Linux and root';
  if (process.env['CI'] === 'true') throw new Error(text);
  process.stderr.write(`skipping: ${text}\n`);
  return { missing: true };
}
