import { z } from 'zod';

const digest = z.string().regex(/^[0-9a-f]{64}$/i, 'expected 64 hexadecimal digits');
const day = z.string().regex(/^\d{4}-\d{2}(-\d{2})?$/, 'expected a date such as 2026-10-06 or 2026-10');
const webAddress = z.url({ protocol: /^https?$/ });
const text = z.string().min(1);

const entry = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]*$/, 'expected lower-case letters, digits, . and -')
      .meta({ description: 'what the image is called in commands' }),
    title: text.meta({ description: 'what it is, for people' }),
    os: text.meta({ description: 'the operating system plugin that customises it, as `os` of a node' }),
    boards: z.array(text).min(1).meta({ description: 'the boards that it boots on, as `board` of a node' }),
    file: text.meta({ description: 'the name of the file' }),
    url: webAddress
      .optional()
      .meta({ description: 'where it is downloaded from; left out where that is not known' }),
    sha256: digest.optional().meta({ description: 'SHA-256 of the file as it is downloaded, in hex' }),
    sha256Url: webAddress
      .optional()
      .meta({ description: 'a file at the server that has the digest, as sha256sum prints it' }),
    sizeBytes: z.int().positive().optional().meta({
      description: 'of the file as it is downloaded, in bytes; as its source says it, perhaps rounded',
    }),
    date: day.optional().meta({ description: 'when it was published' }),
    source: text.meta({ description: 'who says so' }),
    noted: day.meta({ description: 'when that was noted' }),
    fetchedByUs: z
      .boolean()
      .meta({ description: 'whether those who made this catalogue have downloaded and opened the file' }),
  })
  .refine(({ sha256, sha256Url }) => sha256 === undefined || sha256Url === undefined, {
    message: 'has both sha256 and sha256Url',
  })
  .refine(({ url, sha256, sha256Url }) => url !== undefined || (sha256 ?? sha256Url) === undefined, {
    message: 'has a digest without a url',
  });

/** A list of base images, as a file says it. */
export const catalogSchema = z
  .strictObject({
    $schema: z.string().optional(),
    version: z.literal(1),
    title: text,
    images: z.array(entry),
  })
  .refine(({ images }) => new Set(images.map(({ name }) => name)).size === images.length, {
    message: 'has two images of one name',
  });

/** One base image in a catalogue: where it is said to be, and by whom. */
export type CatalogImage = z.output<typeof entry>;

/** A list of base images. */
export type BaseImageCatalog = z.output<typeof catalogSchema>;
