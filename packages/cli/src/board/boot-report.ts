/** What the serial console of a node tells of its last start. */
export interface BootReport {
  /** Version of U-Boot, for example `2024.01`. */
  readonly bootLoader?: string;
  /** What U-Boot calls the NVMe: its serial number, mostly. */
  readonly nvme?: string;
  /** Whether U-Boot found something to start on the NVMe. */
  readonly nvmeIsBootable: boolean;
  /** Partitions of the NVMe that Linux saw, for example `p1 p2`. */
  readonly nvmePartitions?: string;
}

/** Whatever U-Boot finds on a disk that it scans. */
const FOUND = /^Found (?:\/\S+|U-Boot script|EFI)/;

/** Reads what was printed on a console since U-Boot began the last time; what is cut off in front is missing. */
export function readBootReport(text: string): BootReport {
  // eslint-disable-next-line no-control-regex -- consoles are coloured
  const plain = text.replace(/\u001b\[[\d;]*[A-Za-z]/g, '');
  const begins = [...plain.matchAll(/^U-Boot (\d{4}\.\d{2}\S*)/gm)];
  const last = begins.at(-1);
  const lines = plain.slice(last?.index ?? 0).split(/\r\n|\r|\n/);
  let scanned = '';
  let product: string | undefined;
  let nvme: string | undefined;
  let nvmePartitions: string | undefined;
  let nvmeIsBootable = false;
  for (const line of lines) {
    product = /^Device \d+: Vendor: \S+ Rev: .* Prod: (\S+)/.exec(line)?.[1] ?? product;
    scanned = /^Scanning (\w+) \d+:/.exec(line)?.[1] ?? scanned;
    if (scanned === 'nvme') nvme = product ?? nvme ?? 'an NVMe';
    if (scanned === 'nvme' && FOUND.test(line)) nvmeIsBootable = true;
    nvmePartitions = /\bnvme\d+n\d+: ((?:p\d+ ?)+)$/.exec(line)?.[1]?.trim() ?? nvmePartitions;
  }
  return {
    ...(last?.[1] !== undefined && { bootLoader: last[1] }),
    ...(nvme !== undefined && { nvme }),
    nvmeIsBootable,
    ...(nvmePartitions !== undefined && { nvmePartitions }),
  };
}
