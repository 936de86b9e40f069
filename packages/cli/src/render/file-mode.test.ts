import { describe, expect, it } from 'vitest';
import { formatMode } from './file-mode.js';

describe('formatMode', () => {
  it.each([
    ['file', 0o644, '-rw-r--r--'],
    ['directory', 0o755, 'drwxr-xr-x'],
    ['file', 0o4755, '-rwsr-xr-x'],
    ['file', 0o2644, '-rw-r-Sr--'],
    ['directory', 0o1777, 'drwxrwxrwt'],
    ['symlink', 0o777, 'lrwxrwxrwx'],
    ['socket', 0, 's---------'],
  ] as const)('%s %s', (type, mode, text) => {
    expect(formatMode(type, mode)).toBe(text);
  });
});
