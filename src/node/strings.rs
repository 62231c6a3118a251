//! Conversion to JavaScript strings, and of bodies from JavaScript.

use bytes::Bytes;
use napi::bindgen_prelude::{Either, Uint8Array};
use napi::{Env, JsString, Result};

/// Creates a JavaScript string. ASCII text is passed as Latin-1, because V8 copies that as it is, and decodes UTF-8.
pub(super) fn js_string<'env>(env: &'env Env, text: &str) -> Result<JsString<'env>> {
    match text.is_ascii() {
        true => env.create_string_latin1(text),
        false => env.create_string(text),
    }
}

/// Returns the body of a request. Bytes are copied, because JavaScript may change them.
pub(super) fn bytes_of(body: Option<Either<String, Uint8Array>>) -> Bytes {
    match body {
        None => Bytes::new(),
        Some(Either::A(text)) => text.into(),
        Some(Either::B(bytes)) => bytes.to_vec().into(),
    }
}
