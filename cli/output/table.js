'use strict';

const { cut, widthOf } = require('./width.js');

const GAP = '  ';

/**
 * Returns the lines of a table: the header, then one line per row. A column is as wide as its widest cell.
 * @param {{ title: string, align?: 'left' | 'right', width?: number }[]} columns `width` is the maximum width
 * @param {string[][]} rows
 * @param {number} limit the maximum width of a line; longer lines are cut
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
