'use strict';

/** Replaces LibreChat's `encodeAndFormat`: returns images as parts of a message. */
async function encodeAndFormat(_req, files) {
  const images = files.filter(({ type }) => type.includes('image'));
  return {
    files: images.map(({ file_id, type }) => ({ file_id, type })),
    image_urls: images.map(({ data }) => ({ type: 'image_url', image_url: { url: data, detail: 'auto' } })),
  };
}

module.exports = { encodeAndFormat };
