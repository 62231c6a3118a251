//! Finds names among the parameters of a request that do not belong there: options of the client, which may be secret and
//! must not be sent, misspelt privacy settings, and misspelt parameters.

use std::collections::{HashMap, HashSet};
use std::sync::{LazyLock, Mutex, PoisonError};

use super::extra_body::Place;
use super::names::{Foreign, foreign_in_requests, of_client};
use crate::error::unknown::shown;
use crate::error::{Error, ErrorKind};
use crate::json::Object;
use crate::nearest::{nearest, plain};
use crate::request::parameters::{LOCAL, PARAMETERS, is_known};

/// The privacy settings. A misspelt one would leave a request without protection, so it is refused.
const FLOORS: &[&str] = &["zdr", "dataCollection"];
/// How many unknown names of a request are compared with the parameters. A request can have any number of them.
const MAX_COMPARED: usize = 16;
/// How many misspelt names are remembered, so that hostile requests cannot fill the memory.
const MAX_REMEMBERED: usize = 1024;

/// What a name stands for that must not be sent.
enum Meaning {
    /// Another spelling of a parameter that this client uses.
    OfCall(&'static str),
    /// An option of the client.
    OfClient(&'static str),
    /// What another SDK calls an option of the client.
    Foreign(&'static Foreign),
}

/// The names that must not be sent, as they are compared. They are looked up, because a request can have any number of names.
static MEANINGS: LazyLock<HashMap<String, Meaning>> = LazyLock::new(|| {
    let foreign = foreign_in_requests().map(|(name, foreign)| (name.to_owned(), Meaning::Foreign(foreign)));
    let of_client = of_client().map(|option| (plain(option), Meaning::OfClient(option)));
    let of_call = LOCAL.iter().map(|name| (plain(name), Meaning::OfCall(name)));
    // An option that a call may have, too, is named as that of the call.
    foreign.chain(of_client).chain(of_call).collect()
});

/// The misspelt names of which a warning was logged.
static WARNED: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// A parameter that is most likely misspelt. It is sent as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misspelt {
    name: String,
    likely: &'static str,
}

impl Misspelt {
    /// Returns the warning, once for each name in the life of the process.
    pub fn warning(&self) -> Option<String> {
        let mut warned = WARNED.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = warned.len() < MAX_REMEMBERED && warned.insert(self.name.clone());
        is_new.then(|| {
            let Self { name, likely } = self;
            format!("The parameter {name} is not known. Did you mean {likely}? It is sent as it is")
        })
    }
}

/// Returns the parameters that are most likely misspelt.
///
/// # Errors
/// If a parameter is an option of the client, or most likely a misspelt privacy setting.
pub fn check(parameters: &Object<'_>, place: Place) -> Result<Vec<Misspelt>, Error> {
    let mut misspelt = Vec::new();
    let unknown = parameters
        .entries()
        .filter(|(name, value)| !is_known(name) && *value != "null")
        // It is refused later, together with the other fields of `provider`.
        .filter(|(name, _)| place == Place::ModelOptions || *name != "data_collection");
    for (index, (name, _)) in unknown.enumerate() {
        if let Some(advice) = advice(name, place) {
            return Err(refused(name, place, &advice));
        }
        let likely = || nearest(name, PARAMETERS.iter().chain(LOCAL).copied());
        if let Some(likely) = (index < MAX_COMPARED).then(likely).flatten() {
            misspelt.push(Misspelt {
                name: name.to_owned(),
                likely,
            });
        }
    }
    Ok(misspelt)
}

/// Returns the first parameter in `extraBody` that must not be sent, and what to do about it. What is only misspelt is not looked
/// for, because `extraBody` is for names that this client does not know.
pub(super) fn first_refused<'a>(extra: &'a Object<'_>, place: Place) -> Option<(&'a str, String)> {
    let mut unknown = extra
        .entries()
        .filter(|(name, value)| !is_known(name) && *value != "null");
    unknown.find_map(|(name, _)| Some((shown(name), advice(name, place)?)))
}

/// Returns what to do about a name that must not be sent; `None` if it may be sent.
fn advice(name: &str, place: Place) -> Option<String> {
    let to_the_client = |option: &str| match place {
        Place::Request => {
            format!("Give {option} to the client: new OpenRouterClient(key, {{ {option}: … }}).")
        }
        Place::ModelOptions => format!("Write {option} beside modelOptions."),
    };
    match MEANINGS.get(&plain(name)) {
        Some(Meaning::OfCall(parameter)) => Some(format!("Did you mean {parameter}?")),
        Some(Meaning::OfClient(option)) => Some(to_the_client(option)),
        Some(Meaning::Foreign(foreign)) => Some(match foreign.option {
            "" => foreign.advice.to_owned(),
            option if place == Place::Request && LOCAL.contains(&option) => {
                format!("Use {}.", foreign.advice)
            }
            option => to_the_client(option),
        }),
        None => nearest(name, FLOORS.iter().copied()).map(|floor| format!("Did you mean {floor}?")),
    }
}

fn refused(name: &str, place: Place, advice: &str) -> Error {
    let name = shown(name);
    match place {
        Place::Request => Error::new(
            ErrorKind::InvalidRequest,
            format!("{name} is no parameter of a request, so nothing was sent. {advice}"),
        ),
        Place::ModelOptions => Error::new(
            ErrorKind::InvalidOption,
            format!("Invalid option modelOptions.{name}: it is no parameter of a request. {advice}"),
        ),
    }
}
