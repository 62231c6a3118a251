//! Consecutive chunks that differ in their texts only, as one chunk with all of the text.

use crate::completion::{PlainTexts, TextKind};
use crate::delivery::template::string_end;

/// One chunk, or several that became one.
#[derive(Debug, Clone)]
pub struct Merged {
    /// What is before, between and after the texts.
    fixed: Vec<String>,
    /// The bodies of the JSON strings of the texts, with their escapes.
    bodies: Vec<String>,
    kinds: Vec<TextKind>,
    is_first_choice: bool,
    /// Whose text it has: content may not be added to reasoning, because their order would be lost.
    kind: Option<TextKind>,
    size: usize,
}

impl Merged {
    /// Begins with the chunk `text`, which has these texts and no others.
    pub fn new(text: &str, plain: &PlainTexts) -> Option<Self> {
        let (mut fixed, mut bodies, mut kinds) = (Vec::new(), Vec::new(), Vec::new());
        let (mut from, mut kind) = (0, None);
        for span in &plain.spans {
            fixed.push(text.get(from..span.range.start)?.to_owned());
            bodies.push(text.get(span.range.clone())?.to_owned());
            kinds.push(span.kind);
            if !span.range.is_empty() {
                kind = Some(span.kind);
            }
            from = span.range.end;
        }
        fixed.push(text.get(from..)?.to_owned());
        Some(Self {
            fixed,
            bodies,
            kinds,
            is_first_choice: plain.is_first_choice,
            kind,
            size: text.len(),
        })
    }

    /// Adds the texts of the chunk `text`. Returns false, and adds nothing, if the chunk differs in anything else.
    pub fn add(&mut self, text: &str) -> bool {
        let Some((added, kind)) = self.texts_of(text) else {
            return false;
        };
        for (body, added) in self.bodies.iter_mut().zip(added) {
            body.push_str(added);
            self.size += added.len();
        }
        self.kind = self.kind.or(kind);
        true
    }

    /// Adds the texts of `other`, as [`Merged::add`] does.
    pub fn append(&mut self, other: &Merged) -> bool {
        if self.fixed != other.fixed || !self.may_take(other.kind) {
            return false;
        }
        for (body, added) in self.bodies.iter_mut().zip(&other.bodies) {
            body.push_str(added);
            self.size += added.len();
        }
        self.kind = self.kind.or(other.kind);
        true
    }

    fn texts_of<'t>(&self, text: &'t str) -> Option<(Vec<&'t str>, Option<TextKind>)> {
        let (last, before) = self.fixed.split_last()?;
        let (mut rest, mut texts, mut kind) = (text, Vec::with_capacity(before.len()), None);
        for (fixed, own) in before.iter().zip(&self.kinds) {
            rest = rest.strip_prefix(fixed.as_str())?;
            let (body, after) = rest.split_at_checked(string_end(rest.as_bytes())?)?;
            if !body.is_empty() {
                if kind.is_some_and(|kind| kind != *own) {
                    return None;
                }
                kind = Some(*own);
            }
            texts.push(body);
            rest = after;
        }
        (rest == last && self.may_take(kind)).then_some((texts, kind))
    }

    fn may_take(&self, kind: Option<TextKind>) -> bool {
        self.kind.is_none() || kind.is_none() || self.kind == kind
    }

    /// Whether there is any text.
    pub fn has_text(&self) -> bool {
        self.kind.is_some()
    }

    /// Returns the size of the chunk in bytes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Returns the body of the text of this kind, if it belongs to the first choice and is not empty.
    pub fn text(&self, kind: TextKind) -> Option<&str> {
        let texts = self.bodies.iter().zip(&self.kinds);
        let mut texts = texts.filter(|(body, own)| **own == kind && !body.is_empty());
        texts
            .next()
            .filter(|_| self.is_first_choice)
            .map(|(body, _)| body.as_str())
    }

    /// Writes the chunk as JSON text.
    pub fn write(&self, out: &mut String) {
        out.reserve(self.size);
        for (fixed, body) in self.fixed.iter().zip(&self.bodies) {
            out.push_str(fixed);
            out.push_str(body);
        }
        out.push_str(self.fixed.last().map_or("", String::as_str));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::completion::plain_texts;

    fn chunk(content: &str, reasoning: &str) -> String {
        format!(
            r#"{{"id":"g","choices":[{{"index":0,"delta":{{"content":"{content}","reasoning":"{reasoning}"}}}}]}}"#
        )
    }

    fn merged(texts: &[(&str, &str)]) -> (Merged, Vec<bool>) {
        let mut chunks = texts.iter().map(|(content, reasoning)| chunk(content, reasoning));
        let first = chunks.next().unwrap();
        let mut merged = Merged::new(&first, &plain_texts(&first).unwrap()).unwrap();
        let added = chunks.map(|chunk| merged.add(&chunk)).collect();
        (merged, added)
    }

    fn written(merged: &Merged) -> String {
        let mut out = String::new();
        merged.write(&mut out);
        assert_eq!(out.len(), merged.size());
        out
    }

    #[test]
    fn texts_are_appended_with_their_escapes_and_surrogates_become_whole() {
        let (one, added) = merged(&[("", ""), ("a\\n", ""), (r"\ud83d", ""), (r"\ude00", "")]);
        assert_eq!(added, [true, true, true]);
        assert_eq!(written(&one), chunk(r"a\n\ud83d\ude00", ""));
        assert_eq!(one.text(TextKind::Content), Some(r"a\n\ud83d\ude00"));
        assert_eq!(one.text(TextKind::Reasoning), None);
    }

    #[test]
    fn content_and_reasoning_are_not_mixed() {
        let (one, added) = merged(&[("", "r"), ("", "s"), ("c", ""), ("d", "e"), ("", "")]);
        assert_eq!(added, [true, false, false, true]);
        assert_eq!(written(&one), chunk("", "rs"));
        let (mut other, _) = merged(&[("", "t")]);
        assert!(other.append(&one) && !other.append(&merged(&[("c", "")]).0));
        assert_eq!(written(&other), chunk("", "trs"));
    }

    #[test]
    fn a_chunk_that_differs_elsewhere_is_not_added() {
        let (mut one, _) = merged(&[("a", "")]);
        for (from, to) in [
            ("\"g\"", "\"h\""),
            ("}]}", "}],\"usage\":{}}"),
            ("\"a\"", "\"a\\\""),
            ("\"a\"", "\"\\x\""),
            ("\"a\"", "null"),
            ("}]}", "}]"),
        ] {
            let other = chunk("a", "").replace(from, to);
            assert!(!one.add(&other), "{other}");
        }
        assert_eq!(written(&one), chunk("a", ""));
    }
}
