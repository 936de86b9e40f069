const SETUP_SECTORS = 1;
const ENTRY = 0x200;
const CODE = 0x268;

/** Real-mode machine code: prints `UP`, then echoes what is typed on the first serial port; `q` switches off. */
const ECHO = [
  ...[0xba, 0xf8, 0x03], // mov dx, 0x3f8 (COM1, data)
  ...[0xb0, 0x55, 0xee], // 'U'
  ...[0xb0, 0x50, 0xee], // 'P'
  ...[0xb0, 0x0a, 0xee], // end of line
  ...[0xba, 0xfd, 0x03], // wait: mov dx, 0x3fd (COM1, line status)
  0xec, // in al, dx
  ...[0xa8, 0x01], // test al, 1 (something was received)
  ...[0x74, 0xf8], // jz wait
  ...[0xba, 0xf8, 0x03], // mov dx, 0x3f8
  0xec, // in al, dx
  ...[0x3c, 0x71], // cmp al, 'q'
  ...[0x74, 0x03], // je off
  0xee, // out dx, al
  ...[0xeb, 0xed], // jmp wait
  ...[0xba, 0x04, 0x06], // off: mov dx, 0x604 (power management of QEMU's PC)
  ...[0xb8, 0x00, 0x20], // mov ax, 0x2000
  0xef, // out dx, ax
  0xf4, // hlt
];

/** A "kernel" in the form of a bzImage that is a program of 40 bytes: boots at once, and proves that it runs. */
export function bareMetalProgram(): Buffer {
  const image = Buffer.alloc((1 + SETUP_SECTORS) * 512 + 4096);
  image.writeUInt8(SETUP_SECTORS, 0x1f1);
  image.writeUInt32LE(4096 / 16, 0x1f4);
  image.writeUInt16LE(0xaa55, 0x1fe);
  image.set([0xeb, CODE - ENTRY - 2], ENTRY); // jump over the header
  image.write('HdrS', 0x202, 'latin1');
  image.writeUInt16LE(0x0204, 0x206); // protocol version
  image.writeUInt8(1, 0x211); // loaded high
  image.writeUInt32LE(0x100000, 0x214);
  image.writeUInt32LE(0x37ffffff, 0x22c); // highest address of the initrd
  image.set(ECHO, CODE);
  return image;
}
