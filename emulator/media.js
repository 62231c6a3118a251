'use strict';

// A PNG of one red pixel.
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const AUDIO_BYTES = 480;
const AUDIO_PIECE_CHARS = 160;
const HOUR_S = 3600;

/** Makes an image as OpenRouter sends it. Bytes appended to the PNG make up `size`; viewers ignore what follows its end. */
function makeImage(size = 0) {
  const png = Buffer.from(PNG, 'base64');
  const bytes = size > png.length ? Buffer.concat([png, Buffer.alloc(size - png.length, 'A')]) : png;
  return { index: 0, type: 'image_url', image_url: { url: `data:image/png;base64,${bytes.toString('base64')}` } };
}

/** Makes an audio answer: the transcript in pieces, then the sound in pieces. */
function speak(words) {
  const id = 'audio_emulator_1';
  const data = Buffer.alloc(AUDIO_BYTES, 7).toString('base64');
  const expires = Math.floor(Date.now() / 1000) + HOUR_S;
  const sounds = data.match(new RegExp(`.{1,${AUDIO_PIECE_CHARS}}`, 'g'));
  return {
    deltas: [
      ...words.map((transcript) => ({ content: null, audio: { id, transcript } })),
      ...sounds.map((piece) => ({ content: null, audio: { id, data: piece } })),
      { content: null, audio: { id, expires_at: expires } },
    ],
    message: { id, data, transcript: words.join(''), expires_at: expires },
  };
}

/** Makes the annotations of a web search: two citations. */
function citations(text) {
  return ['https://example.com/emulator', 'https://example.org/café'].map((url, index) => ({
    type: 'url_citation',
    url_citation: { url, title: `Result ${index + 1}`, content: 'A page that the emulator made up.', start_index: 0, end_index: Math.min(text.length, 20) },
  }));
}

module.exports.citations = citations;
module.exports.makeImage = makeImage;
module.exports.speak = speak;
