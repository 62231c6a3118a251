//! The errors for options that do not exist.

use super::{Error, ErrorKind};
use crate::nearest::nearest;

/// The longest name that a message repeats.
const MAX_SHOWN: usize = 64;

/// The error for an option that does not exist. `advice` is a sentence that says what to do instead.
pub fn unknown_option(name: &str, advice: &str) -> Error {
    Error::new(
        ErrorKind::InvalidOption,
        format!("Unknown option {}. {advice}", shown(name)),
    )
}

/// The error for a field that does not exist in an option whose fields are `known`.
pub fn unknown_field(option: &str, name: &str, known: &[&str]) -> Error {
    let advice = match nearest(name, known.iter().copied()) {
        Some(likely) => format!("Did you mean {option}.{likely}?"),
        None => format!("{option} has the fields {}.", known.join(", ")),
    };
    unknown_option(&format!("{option}.{name}"), &advice)
}

/// Returns a name for a message. A text that is no usual name, or looks like a key, may be a value in the wrong place, and is
/// not repeated.
pub fn shown(name: &str) -> &str {
    let is_usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '$');
    match name.len() <= MAX_SHOWN && !name.is_empty() && name.chars().all(is_usual) && !name.contains("sk-") {
        true => name,
        false => "(its name is not repeated here, because it is no usual name)",
    }
}
