//! Long texts of a request. JavaScript passes them beside the JSON, so that the network thread writes them as JSON and not the
//! main thread.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use crate::json;

/// In place of text `n` the JSON has the string `placeholder:n`. The placeholder is random for each process, so that no prompt can
/// contain it.
pub static PLACEHOLDER: LazyLock<String> = LazyLock::new(|| {
    let random = |number: u8| RandomState::new().hash_one(number);
    format!("openrouter-native:{:016x}{:016x}", random(0), random(1))
});

/// The JSON text `params` with its long texts in place of their placeholders, which come in the same order.
pub fn restore(params: String, texts: Vec<String>) -> String {
    if texts.is_empty() {
        return params;
    }
    let size: usize = texts.iter().map(String::len).sum();
    // Room for escapes: prose and code need less than an eighth more.
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
    fn each_text_comes_back_in_its_place_with_its_escapes() {
        let texts = vec!["a \"b\"\n\u{1}é😀".to_owned(), String::new()];
        let params = format!(r#"{{"x":"{0}:0","y":["{0}:1",1]}}"#, *PLACEHOLDER);
        assert_eq!(restore(params, texts), r#"{"x":"a \"b\"\n\u0001é😀","y":["",1]}"#);
    }

    #[test]
    fn a_text_that_reads_like_a_placeholder_is_left_alone() {
        let texts = vec![format!("{}:1", *PLACEHOLDER), "second".to_owned()];
        let params = format!(r#"["{0}:0","{0}:1"]"#, *PLACEHOLDER);
        assert_eq!(
            restore(params, texts),
            format!(r#"["{}:1","second"]"#, *PLACEHOLDER)
        );
        assert_eq!(restore("[\"x:0\"]".into(), vec![]), "[\"x:0\"]");
    }
}
