'use strict';

const { cut, widthOf } = require('./width.js');

const GAP = '  ';

/**
 * Lines of a table: the header, then one for each row. Columns are as wide as they must be.
 * @param {{ title: string, align?: 'left' | 'right', width?: number }[]} columns `width` is the most it may take
 * @param {string[][]} rows
 * @param {number} limit the most that a line may take; what is too long is cut there
 */
function layOut(columns, rows, limit = Infinity) {
  const lines = [columns.map(({ title }) => title), ...rows].map((line) =>
    line.map((cell, index) => cut(cell, columns[index].width ?? Infinity)),
  );
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => widthOf(line[index]))));
  return lines.map((line) => {
    const cells = line.map((cell, index) => pad(cell, widths[index], columns[index].align));
    return cut(cells.join(GAP).trimEnd(), limit);
  });
}

function pad(text, width, align = 'left') {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? space + text : text + space;
}

module.exports = { layOut };
