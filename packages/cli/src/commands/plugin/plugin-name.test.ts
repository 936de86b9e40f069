import { describe, expect, it } from 'vitest';
import { pluginName, renamed } from './plugin-name.js';

describe('the name of a plugin', () => {
  it('is written as each place needs it', () => {
    expect(pluginName('deep-blue2')).toEqual({
      kebab: 'deep-blue2',
      camel: 'deepBlue2',
      pascal: 'DeepBlue2',
      upper: 'DEEP_BLUE2',
      title: 'Deep blue2',
    });
    expect(pluginName('demo')).toMatchObject({ camel: 'demo', pascal: 'Demo', upper: 'DEMO' });
  });

  it.each(['', 'Demo', 'a b', '-a', 'a-', 'a--b', '../a', 'a_b', 'a-1', '1a', 'ä', 'a'.repeat(51)])(
    'is not %j',
    (text) => {
      expect(() => pluginName(text)).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
    },
  );

  it('takes the place of another one, in every spelling and in nothing else', () => {
    const text = 'new-way newWay NewWayStrategy NEW_WAY "New way" new ways';
    expect(renamed(text, pluginName('new-way'), pluginName('disk-shelf'))).toBe(
      'disk-shelf diskShelf DiskShelfStrategy DISK_SHELF "Disk shelf" new ways',
    );
  });
});
