//! What is on its way to JavaScript, already in the form it crosses in: the items of a JSON array, without the
//! brackets, or the raw bytes.
//!
//! Items: a chunk is its own JSON object; `["t",{…}]` is a chunk that later content goes into; a string is content;
//! `["model",…]` and its like are events.

use bytes::Bytes;

use crate::json;

/// Items that may wait before the socket is left alone.
const MAX_ITEMS: usize = 4096;
/// Bytes that may wait before the socket is left alone.
const MAX_SIZE: usize = 512 * 1024;
/// Space for items that is kept from one batch to the next, and that a batch begins with.
pub(super) const KEPT_CAPACITY: usize = 1024;

/// What a stream's consumer wants of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Each chunk as an object.
    Chunks,
    /// The content only, joined as it comes.
    Text,
    /// Each content delta by itself.
    Deltas,
    /// The body's bytes as they came.
    Bytes,
    /// Events only: the completion is what counts.
    Events,
}

/// What a consumer asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// The form of the items.
    pub mode: Mode,
    /// Whether content deltas are events too, beside the chunks.
    pub content_events: bool,
    /// Whether reasoning deltas are events.
    pub reasoning_events: bool,
}

impl Flow {
    /// `mode`, with no events for deltas.
    pub const fn without_deltas(mode: Mode) -> Self {
        Self {
            mode,
            content_events: false,
            reasoning_events: false,
        }
    }
}

/// A batch.
#[derive(Debug, Default)]
pub struct Outbox {
    items: String,
    count: usize,
    bytes: Vec<Bytes>,
    size: usize,
    /// Whether the last item is content that more content may be joined to.
    open_text: bool,
}

impl Outbox {
    /// A whole chunk.
    pub fn chunk(&mut self, text: &str) {
        self.item(|items| items.push_str(text));
    }

    /// A whole chunk that is the template of the content after it.
    pub fn template(&mut self, text: &str) {
        self.item(|items| {
            items.push_str("[\"t\",");
            items.push_str(text);
            items.push(']');
        });
    }

    /// Content by itself; `body` has its escapes.
    pub fn content(&mut self, body: &str) {
        self.item(|items| {
            items.push('"');
            items.push_str(body);
            items.push('"');
        });
    }

    /// Content that is joined to the content before it.
    pub fn text(&mut self, body: &str) {
        if self.open_text && self.items.pop().is_some() {
            self.items.push_str(body);
            self.items.push('"');
        } else {
            self.content(body);
            self.open_text = true;
        }
    }

    /// An event with its value as JSON text.
    pub fn event(&mut self, name: &str, value: &str) {
        self.item(|items| {
            items.push('[');
            json::push_quoted(items, name);
            items.push(',');
            items.push_str(value);
            items.push(']');
        });
    }

    /// Bytes of the body.
    pub fn bytes(&mut self, bytes: Bytes) {
        self.size += bytes.len();
        self.bytes.push(bytes);
    }

    /// Takes back the last `count` of the bytes that came last.
    pub fn drop_last(&mut self, count: usize) {
        if let Some(bytes) = self.bytes.last_mut() {
            let kept = bytes.len().saturating_sub(count);
            self.size -= bytes.len() - kept;
            bytes.truncate(kept);
        }
    }

    fn item(&mut self, write: impl FnOnce(&mut String)) {
        if self.count > 0 {
            self.items.push(',');
        }
        write(&mut self.items);
        self.count += 1;
        self.open_text = false;
    }

    /// Moves all of `other` behind what is here.
    pub fn append(&mut self, other: &mut Outbox) {
        if self.count == 0 {
            std::mem::swap(&mut self.items, &mut other.items);
            self.open_text = other.open_text;
        } else if other.count > 0 {
            if self.open_text && other.open_text && other.count == 1 {
                // Two runs of text that meet are one.
                self.text(json::string_body(&other.items).unwrap_or_default());
                self.count -= 1;
            } else {
                self.items.push(',');
                self.items.push_str(&other.items);
                self.open_text = other.open_text;
            }
        }
        self.count += std::mem::take(&mut other.count);
        self.bytes.append(&mut other.bytes);
        self.size += std::mem::take(&mut other.size);
        other.items.clear();
        other.open_text = false;
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.count == 0 && self.bytes.is_empty()
    }

    /// Whether items wait.
    pub fn has_items(&self) -> bool {
        self.count > 0
    }

    /// Whether so much waits that no more should be read.
    pub fn is_full(&self) -> bool {
        self.count >= MAX_ITEMS || self.items.len() + self.size >= MAX_SIZE
    }

    /// How many bytes of the body wait.
    pub fn byte_count(&self) -> usize {
        self.size
    }

    /// Moves the items, `item,item`, to the end of `text`. A little space stays for the next ones; much is not copied,
    /// but given away with `text` put in front.
    pub fn write_items(&mut self, text: &mut String) {
        self.count = 0;
        self.open_text = false;
        if self.items.len() > text.len().max(KEPT_CAPACITY) {
            self.items.insert_str(0, text);
            *text = std::mem::take(&mut self.items);
            return;
        }
        text.push_str(&self.items);
        self.items.clear();
        self.items.shrink_to(KEPT_CAPACITY);
    }

    /// Takes the bytes.
    pub fn take_bytes(&mut self) -> Vec<Bytes> {
        self.size = 0;
        std::mem::take(&mut self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_joined_until_something_else_comes_between() {
        let mut outbox = Outbox::default();
        let mut more = Outbox::default();
        outbox.text("a");
        outbox.text(r"\n");
        more.text("b");
        outbox.append(&mut more);
        more.event("usage", "{}");
        more.text("c");
        outbox.append(&mut more);
        let mut text = "[".to_owned();
        outbox.write_items(&mut text);
        assert_eq!(text, r#"["a\nb",["usage",{}],"c""#);
        assert!(outbox.is_empty() && more.is_empty());
    }

    #[test]
    fn items_of_every_size_come_behind_what_is_there() {
        let (mut outbox, mut text) = (Outbox::default(), String::new());
        let mut expected = String::new();
        for length in [1, KEPT_CAPACITY, 100 * KEPT_CAPACITY, 2, 300 * KEPT_CAPACITY] {
            let item = "1".repeat(length);
            outbox.chunk(&item);
            outbox.write_items(&mut text);
            expected.push_str(&item);
            assert!(text == expected && outbox.is_empty(), "{length}");
        }
    }

    #[test]
    fn it_is_full_by_items_or_by_size() {
        let mut outbox = Outbox::default();
        for _ in 0..MAX_ITEMS {
            assert!(!outbox.is_full());
            outbox.chunk("{}");
        }
        assert!(outbox.is_full());
        let mut outbox = Outbox::default();
        outbox.bytes(Bytes::from(vec![0; MAX_SIZE]));
        assert!(outbox.is_full());
        assert_eq!(outbox.take_bytes().len(), 1);
        assert!(!outbox.is_full());
    }
}
