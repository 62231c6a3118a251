//! `GET /generation`: the data of a generation, such as its cost.

use super::{data, unreadable};
use crate::error::Error;
use crate::json::{self, Object};

/// Returns the `data` of the body of `GET /generation`, as JSON text.
pub fn from_body(body: &str) -> Result<String, Error> {
    data(body)?
        .filter(|data| json::is_valid(data))
        .map(str::to_owned)
        .ok_or_else(|| unreadable("GET /generation", "no data"))
}

/// Whether the cost is settled, so that there is nothing to wait for. The API writes `"total_cost": null` until then. If the
/// field is absent, the API will not report a cost later either.
pub fn is_priced(generation: &str) -> bool {
    Object::parse(generation).is_none_or(|fields| fields.get("total_cost") != Some("null"))
}

/// Returns the cost of a generation in USD, once it is known.
pub fn cost(generation: &str) -> Option<f64> {
    Object::parse(generation)?
        .present("total_cost")
        .and_then(json::figure)
}
