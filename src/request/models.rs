//! Which models the body of a request names, for endpoints whose bodies have no further rules.

use super::privacy;
use super::routing::Route;
use crate::json::{self, Object};

/// Returns the models that a body names; none if it is not JSON.
pub fn route_of(body: &[u8]) -> Route {
    let Some(parameters) = privacy::parameters(body) else {
        return Route::default();
    };
    let listed = parameters
        .present("models")
        .and_then(json::array)
        .unwrap_or_default();
    // Messages name their other models in `fallbacks`, as objects.
    let others = parameters
        .present("fallbacks")
        .and_then(json::array)
        .unwrap_or_default();
    let mut listed = listed
        .into_iter()
        .chain(others)
        .filter_map(|item| match Object::parse(item) {
            Some(entry) => entry.string("model").map(|model| model.into_owned()),
            None => json::string(item).map(|model| model.into_owned()),
        });
    let named = parameters.string("model").map(|model| model.into_owned());
    match named.or_else(|| listed.next()) {
        Some(model) => Route::through(&model, listed.collect(), usize::MAX),
        None => Route::default(),
    }
}
