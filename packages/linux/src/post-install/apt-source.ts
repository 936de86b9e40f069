import { z } from 'zod';

/** Where packages come from. */
export interface AptSource {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  /** None where the suites are paths that end in `/`. */
  readonly components?: readonly string[] | undefined;
  readonly architectures?: readonly string[] | undefined;
  /** Default `deb`. */
  readonly types?: readonly ('deb' | 'deb-src')[] | undefined;
}

const word = z.string().regex(/^[^\s#]+$/, 'expected a word without blanks');
const words = z.array(word).min(1);

/** What a configuration says of a repository. */
export const aptSourceKeys = {
  uris: z
    .array(word.regex(/^[a-z+]+:\S+$/, 'expected an address, for example https://deb.example.org'))
    .min(1),
  suites: words,
  components: words.optional(),
  architectures: words.optional(),
  types: z
    .array(z.enum(['deb', 'deb-src']))
    .min(1)
    .optional(),
};

/** A repository in apt's deb822 format. */
export function renderAptSource(source: AptSource, signedBy: string): string {
  const { uris, suites, components, architectures, types = ['deb'] } = source;
  const fields = {
    Types: types,
    URIs: uris,
    Suites: suites,
    Components: components,
    Architectures: architectures,
    'Signed-By': [signedBy],
  };
  return Object.entries(fields)
    .flatMap(([name, values]) => (values === undefined ? [] : [`${name}: ${values.join(' ')}\n`]))
    .join('');
}
