//! Conversion to JavaScript strings.

use napi::{Env, JsString, Result};

/// Creates a JavaScript string. ASCII text is passed as Latin-1, because V8 copies that as it is, and decodes UTF-8.
pub(super) fn js_string<'env>(env: &'env Env, text: &str) -> Result<JsString<'env>> {
    match text.is_ascii() {
        true => env.create_string_latin1(text),
        false => env.create_string(text),
    }
}
