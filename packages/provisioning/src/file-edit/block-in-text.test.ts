import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockInText } from './block-in-text.js';

const MARKED = '# BEGIN turingpi app\nold\n# END turingpi app\n';

describe('a block in a text', () => {
  it.each([
    ['is added at the end', 'a\n', 'x\ny\n', 'a\n# BEGIN turingpi app\nx\ny\n# END turingpi app\n'],
    [
      'is replaced in its place',
      `a\n${MARKED}b\n`,
      'x',
      'a\n# BEGIN turingpi app\nx\n# END turingpi app\nb\n',
    ],
    ['goes with its marks', `a\n${MARKED}b\n`, '', 'a\nb\n'],
    ['that is not there cannot go', 'a\n', '', 'a\n'],
    [
      'is the one that is whole, after a mark that has lost its end',
      `# BEGIN turingpi app\nmine\n${MARKED}`,
      'x',
      '# BEGIN turingpi app\nmine\n# BEGIN turingpi app\nx\n# END turingpi app\n',
    ],
    [
      'leaves a mark without its end alone',
      '# BEGIN turingpi app\na\n',
      'x',
      '# BEGIN turingpi app\na\n# BEGIN turingpi app\nx\n# END turingpi app\n',
    ],
  ])('%s', (_what, text, block, expected) => {
    expect(blockInText(text, { name: 'app', block })).toBe(expected);
  });

  it('changes nothing the second time, and nothing else of the text', () => {
    const lines = fc.array(fc.stringMatching(/^[ab#]{0,3}$/), { maxLength: 6 });
    fc.assert(
      fc.property(lines, lines, fc.constantFrom('#', '//', ';'), (around, block, comment) => {
        const text = around.map((line) => `${line}\n`).join('');
        const edit = { name: 'app', comment, block: block.join('\n') };
        const once = blockInText(text, edit);
        expect(blockInText(once, edit)).toBe(once);
        expect(blockInText(once, { ...edit, block: '' })).toBe(text);
      }),
    );
  });
});
