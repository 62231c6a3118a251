//! `GET /generation`: what a generation was and what it cost.

use super::{data, unreadable};
use crate::error::Error;
use crate::json::{self, Object};

/// The `data` of a `GET /generation` body, as JSON text.
pub fn from_body(body: &str) -> Result<String, Error> {
    data(body)?
        .filter(|data| json::is_valid(data))
        .map(str::to_owned)
        .ok_or_else(|| unreadable("GET /generation", "no data"))
}

/// Whether the cost is settled. The API writes `"total_cost": null` until it is; where the field is absent, waiting for it
/// would be in vain.
pub fn is_priced(generation: &str) -> bool {
    Object::parse(generation).is_none_or(|fields| fields.get("total_cost") != Some("null"))
}
