import { describe, expect, it } from 'vitest';
import { printable } from './printable.js';

describe('printable', () => {
  it('shows what would steer a terminal, and leaves words of every script', () => {
    expect(printable('a\u001b[31m\u0007\n\u009b\u202eb')).toBe('a\\u{1b}[31m\\u{7}\\u{a}\\u{9b}\\u{202e}b');
    expect(printable('Zürich 東京 👍')).toBe('Zürich 東京 👍');
  });
});
