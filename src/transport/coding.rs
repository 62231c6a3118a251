//! One coding of a body (`content-encoding`): its names, what may follow its data, and the steps in which it is undone.

use std::io;

use bytes::{Buf, Bytes};
use compression_codecs::core::util::{PartialBuffer, WriteBuffer};
use compression_codecs::zstd::params::DParameter;
use compression_codecs::{BrotliDecoder, DecodeV2, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder};

/// The size of the largest decoded piece.
pub const PIECE: usize = 16 * 1024;
/// The largest window of zstd: the one that RFC 9659 allows, 8 MiB. A decoder needs as much memory.
const ZSTD_WINDOW_LOG: u32 = 23;

/// A coding of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Gzip,
    /// With the header of zlib, as the standard says, or without, as some servers send it.
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    /// Returns the coding of this name.
    pub fn named(name: &[u8]) -> Option<Self> {
        let name = name.trim_ascii();
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        Some(match () {
            () if is("gzip") || is("x-gzip") => Self::Gzip,
            () if is("deflate") => Self::Deflate,
            () if is("br") => Self::Brotli,
            () if is("zstd") => Self::Zstd,
            () => return None,
        })
    }

    /// Returns a decoder for data that starts with `first`.
    fn decoder(self, first: u8) -> Box<dyn DecodeV2 + Send + Sync> {
        match self {
            Self::Gzip => Box::new(GzipDecoder::new()),
            // The low bits of zlib's header name its only method.
            Self::Deflate if first & 0x0F == 8 => Box::new(ZlibDecoder::new()),
            Self::Deflate => Box::new(DeflateDecoder::new()),
            Self::Brotli => Box::new(BrotliDecoder::new()),
            Self::Zstd => {
                let window = DParameter::window_log_max(ZSTD_WINDOW_LOG);
                Box::new(ZstdDecoder::new_with_params(&[window]))
            }
        }
    }

    /// What follows the end of compressed data, if it starts with `next`.
    fn after(self, next: u8) -> After {
        match (self, next) {
            (Self::Gzip, 0x1F) | (Self::Zstd, _) => After::MoreData,
            (Self::Gzip, 1..) => After::Garbage,
            (Self::Gzip, 0) | (Self::Deflate | Self::Brotli, _) => After::Ignored,
        }
    }
}

/// What follows the end of compressed data.
enum After {
    /// A further gzip member or frame of zstd.
    MoreData,
    /// Something that Node ignores: anything after deflate and brotli, and padding with zeros after gzip.
    Ignored,
    /// Something else after gzip. Node ignores one byte of it, since its check of a header needs two.
    Garbage,
}

/// Undoes one coding.
pub struct Stage {
    pub coding: Coding,
    state: State,
    /// What is left of the input.
    pub input: Bytes,
    /// Whether the last step filled its buffer, so that the decoder may hold more.
    may_hold_more: bool,
}

enum State {
    /// At the start of the body or behind compressed data.
    Between(Option<Box<dyn DecodeV2 + Send + Sync>>),
    /// In compressed data.
    Inside(Box<dyn DecodeV2 + Send + Sync>),
    /// Behind the compressed data. What follows is ignored.
    Over,
    /// Behind the compressed data and one byte of garbage.
    Garbage,
}

impl Stage {
    pub fn new(coding: Coding) -> Self {
        Self {
            coding,
            state: State::Between(None),
            input: Bytes::new(),
            may_hold_more: false,
        }
    }

    /// Whether the next step needs more input.
    pub fn needs_input(&self) -> bool {
        self.input.is_empty() && !self.may_hold_more
    }

    /// Decodes some of the input, into one piece at most.
    pub fn step(&mut self) -> io::Result<Bytes> {
        self.begin()?;
        let State::Inside(decoder) = &mut self.state else {
            self.input.clear();
            return Ok(Bytes::new());
        };
        let mut buffer = [0; PIECE];
        let mut output = WriteBuffer::new_initialized(&mut buffer);
        let mut input = PartialBuffer::new(&*self.input);
        // Flate takes no step without input, and zstd no flush.
        let is_over = match self.input.is_empty() && self.coding != Coding::Zstd {
            true => {
                decoder.flush(&mut output)?;
                false
            }
            false => decoder.decode(&mut input, &mut output)?,
        };
        self.may_hold_more = output.has_no_spare_space() && !is_over;
        let piece = Bytes::copy_from_slice(output.written());
        let used = input.written_len();
        self.input.advance(used);
        if is_over && let State::Inside(decoder) = std::mem::replace(&mut self.state, State::Over) {
            self.state = State::Between(Some(decoder));
        }
        Ok(piece)
    }

    /// Decides what input behind compressed data is, and starts a decoder for more such data.
    fn begin(&mut self) -> io::Result<()> {
        let Some(first) = self.input.first().copied() else {
            return Ok(());
        };
        let State::Between(decoder) = &mut self.state else {
            return match self.state {
                State::Garbage => Err(garbage()),
                _ => Ok(()),
            };
        };
        self.state = match decoder.take() {
            None => State::Inside(self.coding.decoder(first)),
            Some(mut decoder) => match self.coding.after(first) {
                After::MoreData => {
                    decoder.reinit()?;
                    State::Inside(decoder)
                }
                After::Ignored => State::Over,
                After::Garbage if self.input.len() > 1 => return Err(garbage()),
                After::Garbage => State::Garbage,
            },
        };
        Ok(())
    }

    /// Checks that the body may end here.
    pub fn finish(&mut self) -> io::Result<()> {
        let State::Inside(decoder) = &mut self.state else {
            return Ok(());
        };
        let mut buffer = [0; 1];
        let is_whole = decoder.finish(&mut WriteBuffer::new_initialized(&mut buffer));
        match is_whole {
            Ok(true) => Ok(()),
            _ => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the compressed data is cut off",
            )),
        }
    }
}

fn garbage() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "something else follows the gzip data")
}
