import { z } from 'zod';

/** EEPROM fields are padded with NULs, or with U+FFFD when blank; some values keep quotes of os-release. */
const cleaned = z.string().transform((text) =>
  text
    .replaceAll(/[\0\uFFFD]+/g, '')
    .trim()
    .replace(/^"(.*)"$/, '$1'),
);
const optionalText = cleaned
  .nullish()
  .transform((text) => (text === undefined || text === null || text === '' ? undefined : text));

/** Versions and names of the board; what a firmware does not tell is undefined. */
export const aboutSchema = z
  .object({
    api: optionalText,
    version: optionalText,
    bmcd_version: optionalText,
    build_version: optionalText,
    buildroot: optionalText,
    buildtime: optionalText,
    hostname: optionalText,
    board_model: optionalText,
    board_revision: optionalText,
    board_serial: optionalText,
    kernel: optionalText,
  })
  .transform((raw) => ({
    api: raw.api,
    version: raw.version,
    bmcdVersion: raw.bmcd_version,
    buildroot: raw.buildroot ?? raw.build_version,
    buildtime: raw.buildtime,
    hostname: raw.hostname,
    boardModel: raw.board_model,
    boardRevision: raw.board_revision,
    boardSerial: raw.board_serial,
    kernel: raw.kernel,
  }));
export type AboutBoard = z.output<typeof aboutSchema>;

/** The old form of {@link aboutSchema}, also on the unauthenticated page; `Unknown` addresses are undefined. */
export const otherSchema = z
  .array(
    z.object({
      api: optionalText,
      version: optionalText,
      build_version: optionalText,
      buildroot: optionalText,
      buildtime: optionalText,
      ip: optionalText,
      mac: optionalText,
    }),
  )
  .min(1)
  .transform(([raw]) => ({
    api: raw?.api,
    version: raw?.version,
    buildroot: raw?.buildroot ?? raw?.build_version,
    buildtime: raw?.buildtime,
    ip: known(raw?.ip),
    mac: known(raw?.mac),
  }));
export type OtherInfo = z.output<typeof otherSchema>;

/** Addresses and storage of the BMC itself, in bytes. */
export const infoSchema = z
  .object({
    ip: z.array(z.object({ device: z.string(), ip: z.string(), mac: z.string() })).default([]),
    storage: z
      .array(z.object({ name: z.string(), total_bytes: z.number(), bytes_free: z.number() }))
      .default([]),
  })
  .transform((raw) => ({
    addresses: raw.ip.map(({ device, ip, mac }) => ({ device, ip, mac: mac.trim() })),
    storage: raw.storage.map((s) => ({ name: s.name, totalBytes: s.total_bytes, freeBytes: s.bytes_free })),
  }));
export type BoardInfo = z.output<typeof infoSchema>;

/** The microSD card of the BMC, in bytes. */
export const sdCardSchema = z
  .array(z.object({ total: z.number(), use: z.number(), free: z.number() }))
  .min(1)
  .transform(([raw]) => ({
    totalBytes: raw?.total ?? 0,
    usedBytes: raw?.use ?? 0,
    freeBytes: raw?.free ?? 0,
  }));
export type SdCard = z.output<typeof sdCardSchema>;

/** What people noted about the modules, in slot order; seconds since switched on, undefined when off. */
export const nodeInfoSchema = z
  .array(
    z
      .object({
        name: optionalText,
        module_name: optionalText,
        power_on_time: z.number().nullish(),
        uart_baud: z.number().nullish(),
      })
      .transform((raw) => ({
        name: raw.name,
        moduleName: raw.module_name,
        powerOnSeconds: raw.power_on_time ?? undefined,
        uartBaud: raw.uart_baud ?? undefined,
      })),
  )
  .length(4);
export type NodeNotes = z.output<typeof nodeInfoSchema>[number];

const slotSchema = z
  .object({ version: optionalText })
  .nullish()
  .transform((raw) => raw?.version);

/** Versions of the BMC's firmware: what runs, what one step back is, what waits for the next boot. */
export const firmwareSlotsSchema = z
  .object({
    running: slotSchema,
    rollback: slotSchema,
    staged: z.looseObject({ version: optionalText, file: optionalText }).nullish(),
    update_staged: z.boolean().nullish(),
  })
  .transform((raw) => ({
    running: raw.running,
    rollback: raw.rollback,
    staged: raw.staged ? (raw.staged.version ?? raw.staged.file ?? 'of an unknown version') : undefined,
    isStaged: raw.update_staged === true || (raw.staged !== undefined && raw.staged !== null),
  }));
export type FirmwareSlots = z.output<typeof firmwareSlotsSchema>;

/** Files of one directory on the microSD card; sizes in bytes, times in seconds since the epoch. */
export const sdCardFilesSchema = z.array(
  z
    .object({
      path: z.string(),
      name: z.string(),
      directory: z.boolean(),
      size: z.number().nullish(),
      flashable: z.boolean().nullish(),
    })
    .transform(({ path, name, directory, size, flashable }) => ({
      path,
      name,
      directory,
      sizeBytes: size ?? undefined,
      // The board calls a .gz flashable and would write it as it is.
      flashable: flashable === true && !name.toLowerCase().endsWith('.gz'),
    })),
);
export type SdCardFile = z.output<typeof sdCardFilesSchema>[number];

function known(text: string | undefined): string | undefined {
  return text === 'Unknown' ? undefined : text;
}
