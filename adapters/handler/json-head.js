'use strict';

const { createHash } = require('node:crypto');

/**
 * Returns the status, and the body that is sent, of a JSON answer, and sets its headers: the ETag by which a browser validates
 * what it has stored, and a 304 if that is still right.
 * @param {{ method: string, ifNoneMatch: string | null | undefined }} request
 * @param {number} status
 * @param {Buffer} bytes the whole body
 * @param {(name: string, text: string) => void} set
 * @returns {{ status: number, body: Buffer | null }}
 */
function jsonHead({ method, ifNoneMatch }, status, bytes, set) {
  const isReading = method === 'GET' || method === 'HEAD';
  if (isReading && status === 200) {
    const etag = `W/"${bytes.length.toString(16)}-${createHash('sha1').update(bytes).digest('base64url')}"`;
    set('ETag', etag);
    if (isFresh(ifNoneMatch, etag)) return { status: 304, body: null };
  }
  set('Content-Type', 'application/json; charset=utf-8');
  return { status, body: method === 'HEAD' ? null : bytes };
}

/** Whether a browser's `If-None-Match` names the tag. Weak and strong tags are compared alike, as the standard says. */
function isFresh(ifNoneMatch, etag) {
  const plain = (tag) => tag.trim().replace(/^W\//, '');
  const given = (ifNoneMatch ?? '').split(',').map(plain);
  return given.includes('*') || given.includes(plain(etag));
}

module.exports = { jsonHead };
