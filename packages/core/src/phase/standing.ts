/**
 * Whether what a record says still holds: yes, no (the phase runs again), or
 * - `unproven`: it cannot be asked now, so that the record is all there is;
 * - `contradicted`: what is there says otherwise. Nothing is run without an approval.
 */
export type Standing =
  | boolean
  | { readonly standing: 'unproven'; readonly message: string }
  | { readonly standing: 'contradicted'; readonly message: string };
