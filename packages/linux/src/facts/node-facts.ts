/** What a node is made of, as its system tells it. */
export interface NodeFacts {
  readonly hostname: string;
  /** Of `/etc/os-release`. */
  readonly os: { readonly id: string; readonly version: string; readonly name: string };
  readonly kernel: string;
  /** As the kernel names it: `aarch64`. */
  readonly architecture: string;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly disks: readonly DiskFacts[];
  readonly interfaces: readonly InterfaceFacts[];
  /** Of the module's device tree; missing where there is none. */
  readonly model?: string;
  readonly serial?: string;
}

export interface DiskFacts {
  /** `nvme0n1`, `mmcblk0`. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly isRotating: boolean;
  readonly model?: string;
  readonly serial?: string;
}

export interface InterfaceFacts {
  readonly name: string;
  readonly macAddress: string;
  /** With their prefix lengths: `192.168.1.101/24`. */
  readonly addresses: readonly string[];
}

/** Prints facts one a line: kind, then words separated by tabs. */
export const ASK_FACTS = [
  'LC_ALL=C; export LC_ALL; p() { printf "%s" "$1"; shift; for w; do printf "\\t%s" "$w"; done; echo; };',
  'f() { cat "$1" 2>/dev/null | tr -d "\\000" | head -n 1; };',
  'p host "$(uname -n)" "$(uname -r)" "$(uname -m)";',
  '(ID=; VERSION_ID=; PRETTY_NAME=; . /etc/os-release; p os "$ID" "$VERSION_ID" "$PRETTY_NAME") 2>/dev/null;',
  'p cpu "$(getconf _NPROCESSORS_ONLN)"; p memory "$(grep ^MemTotal: /proc/meminfo | tr -dc 0-9)";',
  'p board "$(f /proc/device-tree/model)" "$(f /proc/device-tree/serial-number)";',
  'for d in /sys/block/*; do case ${d##*/} in loop*|ram*|zram*|dm-*|md*|sr*|mmcblk*boot*|mmcblk*rpmb|"*") continue;; esac;',
  'p disk "${d##*/}" "$(f $d/size)" "$(f $d/queue/rotational)" "$(f $d/device/model)$(f $d/device/name)" "$(f $d/device/serial)"; done;',
  'for i in /sys/class/net/*; do case ${i##*/} in lo|"*") continue;; esac;',
  'p net "${i##*/}" "$(f $i/address)" $(ip -o addr show dev "${i##*/}" 2>/dev/null | grep -o "inet6\\{0,1\\} [^ ]*" | cut -d " " -f 2); done',
].join(' ');

const SECTOR_BYTES = 512;

/** Reads what {@link ASK_FACTS} has printed; what a node does not tell is empty, or missing. */
export function parseFacts(text: string): NodeFacts {
  const lines = text.split('\n').map((line) => line.split('\t').map((word) => word.trim()));
  const words = (kind: string) => lines.find(([first]) => first === kind)?.slice(1) ?? [];
  const all = (kind: string) => lines.filter(([first]) => first === kind).map((line) => line.slice(1));
  const [hostname = '', kernel = '', architecture = ''] = words('host');
  const [id = '', version = '', name = ''] = words('os');
  const [model, serial] = words('board');
  return {
    ...{ hostname, kernel, architecture, os: { id, version, name } },
    cpuCount: numberOf(words('cpu')[0]),
    memoryBytes: numberOf(words('memory')[0]) * 1024,
    disks: all('disk').map(([disk = '', sectors, rotating, diskModel, diskSerial]) => ({
      name: disk,
      sizeBytes: numberOf(sectors) * SECTOR_BYTES,
      isRotating: rotating === '1',
      ...named('model', diskModel),
      ...named('serial', diskSerial),
    })),
    interfaces: all('net').map(([net = '', macAddress = '', ...addresses]) => ({
      ...{ name: net, macAddress, addresses },
    })),
    ...named('model', model),
    ...named('serial', serial),
  };
}

function numberOf(text: string | undefined): number {
  return /^\d+$/.test(text ?? '') ? Number(text) : 0;
}

function named<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined || value === '' ? {} : ({ [key]: value } as Record<K, string>);
}
