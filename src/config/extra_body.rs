//! The parameter `extraBody`: parameters that the types of this package do not know. They are sent beside the others, as if
//! they had been given there, so that all rules apply to them.

use super::misplaced;
use crate::error::{Error, ErrorKind};
use crate::json::Object;
use crate::request::parameters::LOCAL;
use crate::request::privacy::Floors;
use crate::request::rules::both_providers;

/// The name of the parameter. It is never sent.
const NAME: &str = "extraBody";

/// Where the parameters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a request.
    Request,
    /// In the option `modelOptions`.
    ModelOptions,
}

impl Place {
    /// The error for `field` of `extraBody`, or for the whole of it, which `problem` is said about.
    fn refuse(self, field: &str, problem: &str) -> Error {
        match self {
            Self::Request => Error::new(ErrorKind::InvalidRequest, format!("{NAME}{field} {problem}")),
            Self::ModelOptions => Error::new(
                ErrorKind::InvalidOption,
                format!("Invalid option modelOptions.{NAME}{field}: it {problem}"),
            ),
        }
    }
}

/// Returns `parameters` as JSON text with those of `extraBody` in them; `None` if there is no `extraBody`. Where both have a
/// parameter, the one beside `extraBody` counts. `provider` is merged field by field, and a privacy setting holds if either
/// has it.
///
/// # Errors
/// If `extraBody` is no object, or has a name that is no parameter of the API but an option of this client, or most likely a
/// misspelt privacy setting.
pub fn unfolded(parameters: &Object<'_>, place: Place) -> Result<Option<String>, Error> {
    let Some(given) = parameters.get(NAME) else {
        return Ok(None);
    };
    let mut own = parameters.clone();
    own.remove(NAME);
    if given == "null" {
        return Ok(Some(own.to_json()));
    }
    let extra = Object::parse(given).ok_or_else(|| {
        place.refuse(
            "",
            "must be an object of parameters, such as { a_new_parameter: true }.",
        )
    })?;
    if let Some(name) = LOCAL.iter().find(|name| extra.get(name).is_some()) {
        let problem = format!("is no parameter of the API. Write {name} beside {NAME}.");
        return Err(place.refuse(&format!(".{name}"), &problem));
    }
    if let Some((name, advice)) = misplaced::first_refused(&extra, place) {
        let problem = format!("is no parameter of the API. {advice}");
        return Err(place.refuse(&format!(".{name}"), &problem));
    }
    let floors = Floors::of(&extra)?;
    let merged = both_providers(&extra, &own);
    let mut all = extra;
    all.merge(own);
    if let Some(provider) = &merged {
        all.set("provider", provider);
    }
    let protected = all
        .object("provider")
        .filter(|_| floors.any())
        .map(|mut provider| {
            floors.set_in(&mut provider);
            provider.to_json()
        });
    if let Some(provider) = &protected {
        all.set("provider", provider);
    }
    Ok(Some(all.to_json()))
}
