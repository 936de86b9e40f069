/** What benchmarks have measured, by their names. */
export type Results = Readonly<
  Record<string, { readonly figures: Readonly<Record<string, number>> } | undefined>
>;
export declare const FIGURE: RegExp;
/** @throws Error when a page asks for a figure that no benchmark has */
export declare function filledFigures(page: string, text: string, results: Results): string;
export declare function savedResults(root: string): Promise<Results>;
export declare function pagesIn(root: string): Promise<readonly string[]>;
