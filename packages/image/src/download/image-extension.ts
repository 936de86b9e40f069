const KNOWN = /(?:\.(?:img|raw|bin|iso|wic))?\.(?:xz|gz|zst|bz2|zip)$|\.(?:img|raw|bin|iso|wic)$/i;

/** How the name of an image file ends, with its dot: `.img.xz`. What the file is, its content decides. */
export function imageExtension(fileName: string): string {
  return KNOWN.exec(fileName)?.[0].toLowerCase() ?? '.img';
}
