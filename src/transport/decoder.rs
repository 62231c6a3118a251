//! Decodes compressed bodies (`content-encoding`), by the rules of Node's `fetch`: any letter case, `x-gzip`, deflate with and
//! without the zlib header, several codings, and several gzip members. One thing is stricter: a body that ends before its
//! compressed data does is an error, never a shorter body.
//!
//! Each step gives a piece of bounded size, so that neither memory nor the network thread is at the mercy of a body that
//! unpacks to gigabytes.

use std::fmt;
use std::io;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};

use super::coding::{Coding, Stage};

/// The codings that are asked for, as the value of `accept-encoding`.
pub const ACCEPTED: &str = "gzip, br, zstd, deflate";
/// How many codings a body may have: as many as Node's `fetch` takes.
const MAX_CODINGS: usize = 5;
/// How many steps are taken before other tasks have their turn. They decode up to 256 KiB.
const STEPS_PER_TURN: usize = 16;

/// What a decoder has for its reader.
#[derive(Debug, PartialEq, Eq)]
pub enum Decoded {
    /// The next piece of the body.
    Piece(Bytes),
    /// Nothing before more of the compressed body arrives.
    NeedsInput,
    /// Nothing yet, because other tasks should have a turn.
    Yield,
    /// The end of the body.
    End,
}

/// Decodes one body.
pub struct Decoder {
    /// In the order in which they are undone: the last coding that was applied first.
    stages: Vec<Stage>,
    source: Source,
    /// How many steps may be taken before the next [`Decoded::Yield`].
    steps_left: usize,
}

impl Decoder {
    /// Returns the decoder for a response with these headers, and removes those that describe the compressed body; `None` if
    /// the body is not compressed, or in an unknown way.
    ///
    /// # Errors
    /// If the headers name too many codings.
    pub fn for_headers(headers: &mut HeaderMap) -> Result<Option<Self>, String> {
        let codings: Vec<Option<Coding>> = headers
            .get_all(CONTENT_ENCODING)
            .iter()
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
            .map(Coding::named)
            .collect();
        if codings.len() > MAX_CODINGS {
            return Err(format!(
                "the body has {} content-encodings, and at most {MAX_CODINGS} are decoded",
                codings.len()
            ));
        }
        let Some(codings) = codings.into_iter().collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        if codings.is_empty() {
            return Ok(None);
        }
        headers.remove(CONTENT_ENCODING);
        headers.remove(CONTENT_LENGTH);
        Ok(Some(Self {
            stages: codings.into_iter().rev().map(Stage::new).collect(),
            source: Source::default(),
            steps_left: STEPS_PER_TURN,
        }))
    }

    /// Takes the next piece of the compressed body; `None` is its end. All that the last piece gives must have been read.
    pub fn feed(&mut self, piece: Option<Bytes>) {
        self.steps_left = STEPS_PER_TURN;
        match piece {
            Some(bytes) => self.source.bytes = bytes,
            None => self.source.has_ended = true,
        }
    }

    /// Decodes the next piece.
    ///
    /// # Errors
    /// `UnexpectedEof` if the compressed data ends too early, any other kind if it is invalid.
    pub fn next(&mut self) -> io::Result<Decoded> {
        let next = pull(&mut self.stages, &mut self.source, &mut self.steps_left)?;
        if next == Decoded::Yield {
            self.steps_left = STEPS_PER_TURN;
        }
        Ok(next)
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codings: Vec<Coding> = self.stages.iter().map(|stage| stage.coding).collect();
        f.debug_struct("Decoder").field("codings", &codings).finish()
    }
}

/// The compressed body as it comes from the network.
#[derive(Debug, Default)]
struct Source {
    bytes: Bytes,
    has_ended: bool,
}

/// Takes the next piece of what the last of `stages` gives. A stage works on its input until it gives a piece, and only then
/// asks the one before it, so that each holds one piece at most.
fn pull(stages: &mut [Stage], source: &mut Source, steps_left: &mut usize) -> io::Result<Decoded> {
    let [before @ .., stage] = stages else {
        return Ok(match (source.bytes.is_empty(), source.has_ended) {
            (false, _) => Decoded::Piece(std::mem::take(&mut source.bytes)),
            (true, true) => Decoded::End,
            (true, false) => Decoded::NeedsInput,
        });
    };
    loop {
        if stage.needs_input() {
            match pull(before, source, steps_left)? {
                Decoded::Piece(bytes) => stage.input = bytes,
                Decoded::End => return stage.finish().map(|()| Decoded::End),
                other => return Ok(other),
            }
        }
        let Some(left) = steps_left.checked_sub(1) else {
            return Ok(Decoded::Yield);
        };
        *steps_left = left;
        let piece = stage.step()?;
        if !piece.is_empty() {
            return Ok(Decoded::Piece(piece));
        }
    }
}

#[cfg(test)]
mod tests {
    use compression_codecs::brotli::params::EncoderParams;
    use compression_codecs::core::Level;
    use compression_codecs::core::util::{PartialBuffer, WriteBuffer};
    use compression_codecs::{
        BrotliEncoder, DeflateEncoder, EncodeV2, GzipEncoder, ZlibEncoder, ZstdEncoder,
    };

    use super::*;
    use crate::transport::coding::PIECE;

    fn packed(mut encoder: impl EncodeV2, plain: &[u8]) -> Vec<u8> {
        let mut buffer = vec![0; plain.len() + 1024];
        let mut output = WriteBuffer::new_initialized(&mut buffer);
        if !plain.is_empty() {
            encoder
                .encode(&mut PartialBuffer::new(plain), &mut output)
                .unwrap();
        }
        assert!(encoder.finish(&mut output).unwrap());
        output.written().to_vec()
    }

    fn gzip(plain: &[u8]) -> Vec<u8> {
        packed(GzipEncoder::new(Level::Default.into()), plain)
    }

    fn brotli(plain: &[u8]) -> Vec<u8> {
        packed(
            BrotliEncoder::new(EncoderParams::default().quality(Level::Fastest)),
            plain,
        )
    }

    fn all(plain: &[u8]) -> [(&'static str, Vec<u8>); 5] {
        [
            ("gzip", gzip(plain)),
            ("deflate", packed(ZlibEncoder::new(Level::Default.into()), plain)),
            (
                "Deflate ",
                packed(DeflateEncoder::new(Level::Default.into()), plain),
            ),
            ("BR", brotli(plain)),
            ("zstd", packed(ZstdEncoder::new(3), plain)),
        ]
    }

    /// Decodes a body that arrives in pieces of `size` bytes.
    fn decoded(codings: &[&str], body: &[u8], size: usize) -> io::Result<Vec<u8>> {
        let mut headers: HeaderMap = codings
            .iter()
            .map(|value| (CONTENT_ENCODING, value.parse().unwrap()))
            .collect();
        let mut decoder = Decoder::for_headers(&mut headers).unwrap().unwrap();
        let (mut plain, mut pieces) = (Vec::new(), body.chunks(size));
        loop {
            match decoder.next()? {
                Decoded::Piece(bytes) => {
                    assert!(bytes.len() <= PIECE);
                    plain.extend(bytes);
                }
                Decoded::NeedsInput => decoder.feed(pieces.next().map(Bytes::copy_from_slice)),
                Decoded::Yield => {}
                Decoded::End => return Ok(plain),
            }
        }
    }

    #[test]
    fn every_coding_gives_the_body_back_however_it_is_split() {
        let random: Vec<u8> = (0..20_000).map(|_| fastrand::u8(..)).collect();
        for plain in [
            &b""[..],
            b"x",
            &[7; PIECE],
            &[7; PIECE + 1],
            &[0; 5 * PIECE],
            &random,
        ] {
            for (coding, body) in all(plain) {
                for size in [3, 1000, body.len().max(1)] {
                    let whole = decoded(&[coding], &body, size).unwrap();
                    assert!(whole == plain, "{coding} {} in pieces of {size}", plain.len());
                    let twice = decoded(&[coding, "gzip, x-GZIP"], &gzip(&gzip(&body)), size).unwrap();
                    assert!(twice == plain, "{coding}, gzip, gzip in pieces of {size}");
                }
            }
        }
    }

    #[test]
    fn a_body_that_unpacks_to_far_more_leaves_turns_to_other_tasks() {
        for (coding, body) in all(&vec![0; 8 << 20]) {
            let mut headers: HeaderMap = [(CONTENT_ENCODING, coding.parse().unwrap())]
                .into_iter()
                .collect();
            let mut decoder = Decoder::for_headers(&mut headers).unwrap().unwrap();
            decoder.feed(Some(body.into()));
            let (mut size, mut steps) = (0, 0);
            while size < 8 << 20 {
                steps += 1;
                assert!(steps <= STEPS_PER_TURN + 1, "{coding}");
                match decoder.next().unwrap() {
                    Decoded::Piece(piece) => size += piece.len(),
                    Decoded::Yield => steps = 0,
                    other => panic!("{coding}: {other:?}"),
                }
            }
        }
    }

    #[test]
    fn a_body_that_is_cut_anywhere_is_an_error() {
        for (coding, body) in all(b"a body that is cut") {
            for end in 1..body.len() {
                let error = decoded(&[coding], &body[..end], 3).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{coding} {end}");
            }
            // An empty body is what some servers send under any label.
            assert_eq!(decoded(&[coding], b"", 1).unwrap(), b"", "{coding}");
        }
        for (coding, two) in [
            ("gzip", [gzip(b"one"), gzip(b"two")].concat()),
            (
                "zstd",
                [
                    packed(ZstdEncoder::new(3), b"one"),
                    packed(ZstdEncoder::new(3), b"two"),
                ]
                .concat(),
            ),
        ] {
            assert_eq!(decoded(&[coding], &two, 5).unwrap(), b"onetwo", "{coding}");
            assert!(decoded(&[coding], &two[..two.len() - 1], 5).is_err(), "{coding}");
            assert!(decoded(&[coding], &two[..two.len() - 20], 5).is_err(), "{coding}");
        }
    }

    #[test]
    fn what_follows_the_compressed_data_is_ignored_where_node_ignores_it() {
        let plain = b"the body";
        for (at, (coding, body)) in all(plain).into_iter().enumerate() {
            for (tail, is_ignored) in [
                (&[0; 100][..], at != 4),
                (&b"\n"[..], at != 4),
                (b"junk", at != 0 && at != 4),
                (b"\x1F\x8B", at != 0 && at != 4),
            ] {
                let result = decoded(&[coding], &[&body, tail].concat(), 4);
                assert_eq!(
                    result.is_ok_and(|whole| whole == plain),
                    is_ignored,
                    "{coding} {tail:?}"
                );
            }
        }
    }

    #[test]
    fn an_unknown_coding_leaves_the_body_as_it_is_and_too_many_are_refused() {
        for value in ["identity", "odd", "gzip, odd", "gzip,", "gzip;q=1", ""] {
            let mut headers: HeaderMap = [(CONTENT_ENCODING, value.parse().unwrap())].into_iter().collect();
            assert!(Decoder::for_headers(&mut headers).unwrap().is_none(), "{value}");
            assert!(headers.contains_key(CONTENT_ENCODING));
        }
        let mut headers: HeaderMap = [(CONTENT_ENCODING, "br,br,br,br,br,br".parse().unwrap())]
            .into_iter()
            .collect();
        assert!(Decoder::for_headers(&mut headers).is_err());
    }
}
