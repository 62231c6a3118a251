//! JavaScript strings.

use napi::{Env, JsString, Result};

/// A JavaScript string. V8 copies ASCII as it is, and decodes everything else.
pub(super) fn js_string<'env>(env: &'env Env, text: &str) -> Result<JsString<'env>> {
    match text.is_ascii() {
        true => env.create_string_latin1(text),
        false => env.create_string(text),
    }
}
