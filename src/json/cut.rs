//! JSON whose end is missing.

use serde::de::IgnoredAny;

/// Whether `text` is the beginning of a JSON object or array whose end is missing.
pub fn is_cut(text: &str) -> bool {
    let is_started = text.trim_start().starts_with(['{', '[']);
    is_started && serde_json::from_str::<IgnoredAny>(text).is_err_and(|error| error.is_eof())
}

#[cfg(test)]
mod tests {
    use super::is_cut;

    #[test]
    fn a_text_is_cut_if_more_would_complete_it() {
        let whole = r#"{"a":[1,"\u00fc",{"b":null}]}"#;
        for at in 1..whole.len() {
            assert!(is_cut(&whole[..at]), "{at}");
        }
        for other in [
            whole, "", " ", "1", "\"a", "<p>", "{]", "{\"a\" 1", "{} x", "[1,]",
        ] {
            assert!(!is_cut(other), "{other}");
        }
    }
}
