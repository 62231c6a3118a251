//! The option `coalesce` of a client, a chat and a `fetch`.

use std::time::Duration;

use serde_json::Value;

use super::options::wrong;
use crate::delivery::Coalescing;
use crate::delivery::coalescing::RANGE_MS;
use crate::error::Error;

/// Reads the option. `None` if it is absent, and `Some(None)` if it turns merging off.
pub fn coalesce(value: &Value) -> Result<Option<Option<Coalescing>>, Error> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(false) => Ok(Some(None)),
        Value::Bool(true) => Ok(Some(Some(Coalescing::Waiting))),
        value => match value.as_u64().filter(|ms| RANGE_MS.contains(ms)) {
            Some(ms) => Ok(Some(Some(Coalescing::Every(Duration::from_millis(ms))))),
            None => Err(wrong("coalesce")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_switches_and_times_up_to_a_second_are_accepted() {
        assert_eq!(coalesce(&Value::Null).unwrap(), None);
        assert_eq!(coalesce(&json!(false)).unwrap(), Some(None));
        assert_eq!(coalesce(&json!(true)).unwrap(), Some(Some(Coalescing::Waiting)));
        assert_eq!(
            coalesce(&json!(33)).unwrap(),
            Some(Some(Coalescing::Every(Duration::from_millis(33))))
        );
        for value in [
            json!(0),
            json!(-1),
            json!(1.5),
            json!(1001),
            json!("33"),
            json!({}),
        ] {
            assert!(
                coalesce(&value).unwrap_err().to_string().contains("coalesce"),
                "{value}"
            );
        }
    }
}
