//! A batch of results for JavaScript, in the form in which it crosses: the items of a JSON array, without the brackets, and
//! the raw bytes of a body.
//!
//! Items: a chunk is its own JSON object; `["t",{…}]` is a chunk into which JavaScript inserts the content after it, with a
//! third entry if it is no chunk of a chat; a string is content; `["model",…]` and the like are events.

use bytes::Bytes;

use super::merged::Merged;
use crate::completion::{TextKind, plain_texts};
use crate::json;

/// How many items may wait before the socket is not read any more.
const MAX_ITEMS: usize = 4096;
/// How many bytes may wait before the socket is not read any more.
const MAX_SIZE: usize = 512 * 1024;
/// The capacity in bytes with which a batch begins, and which is kept for the next batch.
pub(super) const KEPT_CAPACITY: usize = 1024;

/// The form in which a consumer reads a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Each chunk as an object.
    Chunks,
    /// Each event as an object with its name: `{event, data}`.
    Named,
    /// The content only. Deltas that arrive together are joined.
    Text,
    /// The content only, each delta as an item of its own.
    Deltas,
    /// The bytes of the body, unchanged.
    Bytes,
    /// Only events such as the usage. The consumer reads the completion at the end.
    Events,
}

/// How a consumer reads a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// The form of the items.
    pub mode: Mode,
    /// Whether content deltas are sent as events, in addition to the items of the mode. Not in the mode `Deltas`, whose items
    /// say the same.
    pub content_events: bool,
    /// Whether reasoning deltas are sent as events.
    pub reasoning_events: bool,
}

impl Flow {
    /// Creates a flow of `mode`, without events for deltas.
    pub const fn without_deltas(mode: Mode) -> Self {
        Self {
            mode,
            content_events: false,
            reasoning_events: false,
        }
    }
}

/// A batch of results.
#[derive(Debug, Default)]
pub struct Outbox {
    items: String,
    count: usize,
    bytes: Vec<Bytes>,
    size: usize,
    /// Whether the last item is content that more content may be joined to.
    open_text: bool,
    /// The last chunk, if chunks are merged and more text may be added to it. It comes after all items and bytes.
    open: Option<Open>,
    /// Whether text of merged chunks was closed since the batch was taken.
    has_closed_text: bool,
}

/// A chunk to which more text may be added, and the form in which it is written then. Boxed, because few streams are merged.
#[derive(Debug)]
struct Open(Box<(Merged, Flow)>);

impl Outbox {
    /// Adds a whole chunk.
    pub fn chunk(&mut self, text: &str) {
        self.item(|items| items.push_str(text));
    }

    /// Adds a whole event, which is the template of the content after it. `place` says where the event has it; `None` is that
    /// of a chat.
    pub fn template(&mut self, text: &str, place: Option<&str>) {
        self.item(|items| {
            items.push_str("[\"t\",");
            items.push_str(text);
            if let Some(place) = place {
                items.push(',');
                json::push_quoted(items, place);
            }
            items.push(']');
        });
    }

    /// Adds content as an item of its own. `body` is the body of a JSON string, with its escapes.
    pub fn content(&mut self, body: &str) {
        self.item(|items| {
            items.push('"');
            items.push_str(body);
            items.push('"');
        });
    }

    /// Adds content, and joins it to the content before it.
    pub fn text(&mut self, body: &str) {
        if self.open_text && self.items.pop().is_some() {
            self.items.push_str(body);
            self.items.push('"');
        } else {
            self.content(body);
            self.open_text = true;
        }
    }

    /// Adds an event. `value` is JSON text.
    pub fn event(&mut self, name: &str, value: &str) {
        self.item(|items| {
            items.push('[');
            json::push_quoted(items, name);
            items.push(',');
            items.push_str(value);
            items.push(']');
        });
    }

    /// Adds what a delta brings to the first choice, in the form of `flow`: the bodies of JSON strings, with their escapes.
    pub fn delta(&mut self, content: Option<&str>, reasoning: Option<&str>, flow: Flow) {
        if flow.reasoning_events
            && let Some(reasoning) = reasoning
        {
            self.event("reasoning", &format!("\"{reasoning}\""));
        }
        let Some(content) = content.filter(|content| !content.is_empty()) else {
            return;
        };
        match flow.mode {
            Mode::Text => self.text(content),
            Mode::Deltas => return self.content(content),
            _ => {}
        }
        if flow.content_events {
            self.event("content", &format!("\"{content}\""));
        }
    }

    /// Adds the text of a plain chunk to the chunk before it, or begins with it, to be written in the form of `flow`. Returns
    /// false, and adds nothing, if the chunk brings more than text.
    pub fn merge(&mut self, text: &str, flow: Flow) -> bool {
        if let Some(Open(open)) = &mut self.open
            && open.1 == flow
            && open.0.add(text)
        {
            return true;
        }
        let merged = plain_texts(text).and_then(|plain| Merged::new(text, &plain));
        let Some(merged) = merged else { return false };
        self.close();
        self.open = Some(Open(Box::new((merged, flow))));
        true
    }

    /// Writes the open chunk, so that nothing more is added to it.
    fn close(&mut self) {
        let Some(Open(open)) = self.open.take() else {
            return;
        };
        let (merged, flow) = *open;
        self.has_closed_text |= merged.has_text();
        if flow.mode == Mode::Bytes {
            let mut event = String::from("data: ");
            merged.write(&mut event);
            event.push_str("\n\n");
            return self.bytes(event.into());
        }
        self.delta(
            merged.text(TextKind::Content),
            merged.text(TextKind::Reasoning),
            flow,
        );
        if flow.mode == Mode::Chunks {
            self.item(|items| merged.write(items));
        }
    }

    /// Whether the batch is one open chunk, and nothing else.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some() && self.count == 0 && self.bytes.is_empty()
    }

    /// Whether the batch contains text of merged chunks.
    pub(super) fn has_text(&self) -> bool {
        self.has_closed_text || self.open.as_ref().is_some_and(|Open(open)| open.0.has_text())
    }

    /// Adds bytes of the body.
    pub fn bytes(&mut self, bytes: Bytes) {
        self.close();
        self.size += bytes.len();
        self.bytes.push(bytes);
    }

    /// Removes the last `count` of the bytes that were added last.
    pub fn drop_last(&mut self, count: usize) {
        if let Some(bytes) = self.bytes.last_mut() {
            let kept = bytes.len().saturating_sub(count);
            self.size -= bytes.len() - kept;
            bytes.truncate(kept);
        }
    }

    fn item(&mut self, write: impl FnOnce(&mut String)) {
        if self.open.is_some() {
            self.close();
        }
        if self.count > 0 {
            self.items.push(',');
        }
        write(&mut self.items);
        self.count += 1;
        self.open_text = false;
    }

    /// Moves everything in `other` to the end of this batch.
    pub fn append(&mut self, other: &mut Outbox) {
        if other.is_open()
            && let (Some(Open(own)), Some(Open(open))) = (&mut self.open, &other.open)
            && own.1 == open.1
            && own.0.append(&open.0)
        {
            other.open = None;
            return;
        }
        self.close();
        if self.count == 0 {
            std::mem::swap(&mut self.items, &mut other.items);
            self.open_text = other.open_text;
        } else if other.count > 0 {
            if self.open_text && other.open_text && other.count == 1 {
                // Join the text of `other` to the text at the end of this batch.
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
        self.open = other.open.take();
        self.has_closed_text |= std::mem::take(&mut other.has_closed_text);
        other.items.clear();
        other.open_text = false;
    }

    /// Whether the batch contains nothing.
    pub fn is_empty(&self) -> bool {
        self.count == 0 && self.bytes.is_empty() && self.open.is_none()
    }

    /// Writes what is open, before the batch is taken.
    pub fn seal(&mut self) {
        self.close();
        self.has_closed_text = false;
    }

    /// Whether the batch contains items.
    pub fn has_items(&self) -> bool {
        self.count > 0
    }

    /// Whether the batch is so large that nothing more should be read from the socket.
    pub fn is_full(&self) -> bool {
        let open = self.open.as_ref().map_or(0, |Open(open)| open.0.size());
        self.count >= MAX_ITEMS || self.items.len() + self.size + open >= MAX_SIZE
    }

    /// Returns how many bytes of the body the batch contains.
    pub fn byte_count(&self) -> usize {
        self.size
    }

    /// Moves the items, `item,item`, to the end of `text`. What is larger is not copied: if the items are longer than `text`,
    /// their buffer becomes `text`, with the old `text` inserted in front. Otherwise their buffer is kept for the next batch.
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

    /// Takes the bytes out of the batch.
    pub fn take_bytes(&mut self) -> Vec<Bytes> {
        self.size = 0;
        std::mem::take(&mut self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_joined_until_another_item_follows() {
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
    fn items_of_every_size_are_appended() {
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
    fn an_outbox_is_full_by_its_items_or_by_its_size() {
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
