/** Pages by their path in `docs` without the ending, in groups. */
export declare const SIDEBAR: readonly { readonly text: string; readonly pages: readonly string[] }[];
