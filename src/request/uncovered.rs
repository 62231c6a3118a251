//! Parts of a chat that zero retention does not cover, because they are not the work of the model. They are warned of.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::json::{self, Object};
use crate::request::privacy::Floors;

/// The parts, and whether a warning was given.
#[rustfmt::skip]
static UNCOVERED: [(&str, AtomicBool); 5] = [
    ("the plugin web", AtomicBool::new(false)),
    ("the plugin web-fetch", AtomicBool::new(false)),
    ("the plugin file-parser", AtomicBool::new(false)),
    ("tools of OpenRouter (openrouter:…)", AtomicBool::new(false)),
    ("the web search of a model id that ends in :online", AtomicBool::new(false)),
];

/// Returns which parts of a chat the settings do not cover.
pub fn parts_of(body: &Object<'_>) -> Vec<&'static (&'static str, AtomicBool)> {
    let items = |field: &str| body.present(field).and_then(json::array).unwrap_or_default();
    let plugins: Vec<Cow<'_, str>> = items("plugins")
        .into_iter()
        .filter_map(|plugin| Object::parse(plugin).filter(|plugin| plugin.get("enabled") != Some("false")))
        .filter_map(|plugin| plugin.string("id"))
        .collect();
    let has_tools = items("tools")
        .into_iter()
        .filter_map(|tool| Object::parse(tool)?.string("type"))
        .any(|kind| kind.starts_with("openrouter:"));
    let is_online = body
        .string("model")
        .is_some_and(|model| model.ends_with(":online"));
    UNCOVERED
        .iter()
        .filter(|(what, _)| match what.strip_prefix("the plugin ") {
            Some(id) => plugins.iter().any(|plugin| plugin == id),
            None if what.starts_with("tools") => has_tools,
            None => is_online,
        })
        .collect()
}

/// Warns of parts of a chat that the settings do not cover: once for each kind of part, in the whole process.
pub fn warn(body: &Object<'_>, floors: Floors, warnings: &mut Vec<String>) {
    if !floors.any() {
        return;
    }
    for (what, is_told) in parts_of(body) {
        if !is_told.swap(true, Ordering::Relaxed) {
            warnings.push(format!(
                "{} does not cover {what}: it may keep what it is given",
                floors.words()
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_uncovered_part_is_warned_of_once() {
        let body = r#"{"model":"a/b:online","plugins":[{"id":"web"},{"id":"file-parser","enabled":false}],"tools":[{"type":"openrouter:web_search"}]}"#;
        let (body, floors) = (
            Object::parse(body).unwrap(),
            Floors {
                zdr: true,
                ..Floors::default()
            },
        );
        let mut warnings = Vec::new();
        warn(&body, Floors::default(), &mut warnings);
        assert!(warnings.is_empty());
        warn(&body, floors, &mut warnings);
        assert_eq!(warnings.len(), 3, "{warnings:?}");
        warn(&body, floors, &mut warnings);
        assert_eq!(warnings.len(), 3, "{warnings:?}");
    }
}
