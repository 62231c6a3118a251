'use strict';

const ELLIPSIS = '…';

/** Graphemes that take two columns: East Asian wide and fullwidth characters, and emoji. */
const WIDE = new RegExp(
  '^(?:\\p{Emoji_Presentation}|.\\ufe0f' +
    '|[\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\ua4cf\\ua960-\\ua97f\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe30-\\ufe6f' +
    '\\uff00-\\uff60\\uffe0-\\uffe6\\u{1b000}-\\u{1b2ff}\\u{20000}-\\u{3fffd}])',
  'u',
);
/** Marks and joiners without a base character take no column: a terminal draws them onto the character before them. */
const ZERO = /^[\p{Mark}\p{Default_Ignorable_Code_Point}]+$/u;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Returns how many columns of a terminal `text` takes. The text must not contain escape codes. */
function widthOf(text) {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(grapheme) {
  if (ZERO.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}

/** Cuts `text` to at most `width` columns, with an ellipsis at its end. A grapheme is never split. */
function cut(text, width) {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = ELLIPSIS.length;
  for (const { segment } of graphemes.segment(text)) {
    used += graphemeWidth(segment);
    if (used > width) break;
    kept += segment;
  }
  return `${kept.trimEnd()}${ELLIPSIS}`;
}

/** Returns the end of `text`, at most `width` columns of it, with an ellipsis at its start if something is missing. */
function cutStart(text, width) {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = ELLIPSIS.length;
  for (const { segment } of [...graphemes.segment(text)].reverse()) {
    used += graphemeWidth(segment);
    if (used > width) break;
    kept = segment + kept;
  }
  return `${ELLIPSIS}${kept.trimStart()}`;
}

module.exports = { cut, cutStart, widthOf };
