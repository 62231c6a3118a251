'use strict';

const { layOut } = require('../../cli/output/table.js');
const { cut, cutStart, widthOf } = require('../../cli/output/width.js');

describe('a table', () => {
  test('counts columns as a terminal does', () => {
    const widths = { abc: 3, 改善: 4, 'ｆｕｌｌ': 8, 한국어: 6, é: 1, 'e\u0301': 1, '🙂': 2, '👩‍🚀': 2, '❤️': 2, '🇫🇷': 2, '…': 1, '\u200b': 0 };
    const counted = Object.fromEntries(Object.keys(widths).map((text) => [text, widthOf(text)]));
    expect(counted).toEqual(widths);
  });

  test('is aligned with wide characters in it', () => {
    const lines = layOut([{ title: 'name' }, { title: 'n', align: 'right' }, { title: 'end' }], [['改善 🙂', '1', 'x'], ['plain', '100', 'y']]);
    expect(lines).toEqual(['name       n  end', '改善 🙂    1  x', 'plain    100  y']);
  });

  test('cuts a long text, but never inside a character', () => {
    expect(cut('改善改善', 6)).toBe('改善…');
    expect(cut('改善改善', 8)).toBe('改善改善');
    expect(cutStart('改善改善', 6)).toBe('…改善');
    expect(cutStart('one 👩‍🚀', 3)).toBe('…👩‍🚀');
    expect(cutStart('改善改善', 8)).toBe('改善改善');
    expect(layOut([{ title: 'name', width: 5 }, { title: 'b' }], [['abcdefgh', 'words']], 9)).toEqual(['name   b', 'abcd…  w…']);
  });
});
