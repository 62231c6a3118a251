//! From what the caller asked to what goes on the wire: body rules, headers, and which models are meant.

pub mod headers;
pub mod placeholders;
pub mod provider;
pub mod routing;
pub mod rules;

use crate::error::{Error, ErrorKind};

/// A request that cannot be sent as it is.
fn refuse(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidRequest, message)
}
