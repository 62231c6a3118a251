//! Turns the caller's parameters into the request that is sent: body rules, headers and model routing.

pub mod endpoint;
pub mod headers;
pub mod models;
pub mod parameters;
pub mod path;
pub mod placeholders;
pub mod privacy;
pub mod provider;
pub mod response_cache;
pub mod routing;
pub mod rules;
pub mod uncovered;

use crate::error::{Error, ErrorKind};

/// The error for a request that cannot be sent as it is.
fn refuse(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidRequest, message)
}
