import { describe, expect, it, vi } from 'vitest';
import { rememberedParse } from './remembered-parse.js';

describe('a parser that remembers its last text', () => {
  it('parses another text, and the same only once', () => {
    const parse = vi.fn((text: string) => JSON.parse(text) as unknown);
    const remembered = rememberedParse(parse);
    expect([remembered('[1]'), remembered('[1]'), remembered('[2]'), remembered('[1]')]).toEqual([
      [1],
      [1],
      [2],
      [1],
    ]);
    expect(parse).toHaveBeenCalledTimes(3);
  });

  it('hands out what may be changed', () => {
    const remembered = rememberedParse((text) => JSON.parse(text) as number[]);
    remembered('[1]').push(2);
    expect(remembered('[1]')).toEqual([1]);
  });

  it('does not remember what failed', () => {
    const remembered = rememberedParse((text) => JSON.parse(text) as unknown);
    expect(() => remembered('{')).toThrow(SyntaxError);
    expect(() => remembered('{')).toThrow(SyntaxError);
    expect(remembered('[]')).toEqual([]);
  });
});
