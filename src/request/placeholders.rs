//! Long texts of a request. JavaScript passes them separately from the JSON text, so that the network thread escapes them
//! instead of the main thread.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use crate::json;

/// The placeholder for long texts: the JSON contains the string `placeholder:n` in place of text `n`. It is random for each
/// process, so that no prompt can contain it.
pub static PLACEHOLDER: LazyLock<String> = LazyLock::new(|| {
    let random = |number: u8| RandomState::new().hash_one(number);
    format!("openrouter-native:{:016x}{:016x}", random(0), random(1))
});

/// Returns the JSON text `params` with each placeholder replaced by its text. The placeholders must be in the order of
/// `texts`.
pub fn restore(params: String, texts: Vec<String>) -> String {
    if texts.is_empty() {
        return params;
    }
    let size: usize = texts.iter().map(String::len).sum();
    // Reserve an eighth for escapes. Prose and code need less.
    let mut out = String::with_capacity(params.len() + size + size / 8);
    let mut rest = params.as_str();
    for (number, text) in texts.into_iter().enumerate() {
        let placeholder = json::quoted(&format!("{}:{number}", *PLACEHOLDER));
        let Some((before, after)) = rest.split_once(&placeholder) else {
            continue;
        };
        out.push_str(before);
        json::push_quoted(&mut out, &text);
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_placeholder_is_replaced_by_its_escaped_text() {
        let texts = vec!["a \"b\"\n\u{1}é😀".to_owned(), String::new()];
        let params = format!(r#"{{"x":"{0}:0","y":["{0}:1",1]}}"#, *PLACEHOLDER);
        assert_eq!(restore(params, texts), r#"{"x":"a \"b\"\n\u0001é😀","y":["",1]}"#);
    }

    #[test]
    fn a_text_that_looks_like_a_placeholder_is_not_replaced() {
        let texts = vec![format!("{}:1", *PLACEHOLDER), "second".to_owned()];
        let params = format!(r#"["{0}:0","{0}:1"]"#, *PLACEHOLDER);
        assert_eq!(
            restore(params, texts),
            format!(r#"["{}:1","second"]"#, *PLACEHOLDER)
        );
        assert_eq!(restore("[\"x:0\"]".into(), vec![]), "[\"x:0\"]");
    }
}
