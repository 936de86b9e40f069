/** What a node says of its installation, in the file that our images carry. */
export interface InstallationFile {
  readonly id: string;
  /** For example `Node1`. */
  readonly node: string | undefined;
  readonly generation: number | undefined;
  /** The version of the steps that made the image. */
  readonly recipe: number | undefined;
  /** One SHA-256 (hex) for each named input of the image. */
  readonly inputs: Readonly<Record<string, string>> | undefined;
}

const HIGHEST_GENERATION = 1_000_000;
const LONGEST_ID = 200;

/**
 * Reads the file; it lies on a machine to which others may have written.
 *
 * @returns Undefined for what is not such a file: then nothing can be compared with it.
 */
export function parseInstallationFile(text: string): InstallationFile | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, node, generation, recipe, inputs } = value as Readonly<Record<string, unknown>>;
  if (typeof id !== 'string' || id === '' || id.length > LONGEST_ID) return undefined;
  return {
    id,
    node: typeof node === 'string' && /^Node[1-4]$/.test(node) ? node : undefined,
    generation: isGeneration(generation) ? generation : undefined,
    recipe: isGeneration(recipe) ? recipe : undefined,
    inputs: digestsOf(inputs),
  };
}

function isGeneration(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= HIGHEST_GENERATION;
}

function digestsOf(inputs: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof inputs !== 'object' || inputs === null) return undefined;
  const entries = Object.entries(inputs);
  const sound = entries.every(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && /^[0-9a-f]{64}$/.test(entry[1]),
  );
  return sound ? Object.fromEntries(entries) : undefined;
}
