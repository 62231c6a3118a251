//! A minimal gzip encoder: it compresses a long run of one byte into very few bytes.

/// Returns a gzip member that decompresses to at least `size` times `byte` (below 144), and the exact decompressed size.
pub fn gzip_of(byte: u8, size: usize) -> (Vec<u8>, usize) {
    let mut bits = Bits::default();
    // One final block with fixed Huffman codes (RFC 1951, section 3.2.6): the byte, then copies of 258 bytes at distance 1,
    // then the end of the block.
    bits.push(0b1, 1);
    bits.push(0b01, 2);
    bits.code(0x30 + u16::from(byte), 8);
    let repeats = size.div_ceil(258);
    for _ in 0..repeats {
        bits.code(0b1100_0101, 8);
        bits.code(0, 5);
    }
    bits.code(0, 7);
    let size = 1 + repeats * 258;
    let mut out = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255];
    out.append(&mut bits.finish());
    out.extend(crc32(byte, size).to_le_bytes());
    out.extend((size as u32).to_le_bytes());
    (out, size)
}

#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    used: u32,
}

impl Bits {
    /// Appends a number, which starts with its lowest bit.
    fn push(&mut self, value: u16, count: u32) {
        for at in 0..count {
            if self.used.is_multiple_of(8) {
                self.out.push(0);
            }
            let bit = (value >> at & 1) as u8;
            *self.out.last_mut().unwrap() |= bit << (self.used % 8);
            self.used += 1;
        }
    }

    /// Appends a Huffman code, which starts with its highest bit.
    fn code(&mut self, value: u16, count: u32) {
        for at in (0..count).rev() {
            self.push(value >> at & 1, 1);
        }
    }

    fn finish(self) -> Vec<u8> {
        self.out
    }
}

fn crc32(byte: u8, size: usize) -> u32 {
    let mut table = [0u32; 256];
    for (at, entry) in table.iter_mut().enumerate() {
        *entry = (0..8).fold(at as u32, |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        });
    }
    !(0..size).fold(!0, |crc: u32, _| {
        table[((crc ^ u32::from(byte)) & 0xFF) as usize] ^ (crc >> 8)
    })
}
