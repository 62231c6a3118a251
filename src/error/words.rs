//! Finds what a body says about a failure, in the forms of the servers that stand between this client and a model: the API,
//! providers, gateways, web frameworks and proxies.

use crate::json::{self, Object};

/// How many items of a list of errors are quoted.
const MAX_ITEMS: usize = 3;
/// How many objects, lists and texts within each other are searched.
const MAX_DEPTH: usize = 12;
/// The fields that hold what an error says, the most telling first.
const FIELDS: &[&str] = &[
    "message",
    "Message",
    "msg",
    "detail",
    "error_description",
    "errorMessage",
    "faultstring",
    "errors",
    "issues",
    "error",
    "fault",
    "title",
];

/// Returns what an error in JSON says. `error` is the `error` of `body`, or the body itself. Some frameworks put the name of
/// the status into `error`, and what happened beside it.
pub(super) fn of_error(error: &str, body: &Object<'_>) -> Option<String> {
    let beside = || in_fields(body, 0);
    match json::string(error) {
        Some(_) => beside().or_else(|| in_json(error)),
        None => in_json(error).or_else(beside),
    }
}

/// Returns what a JSON value says: a string itself, an object in one of [`FIELDS`], a list by its first items. Text that is
/// JSON itself is read in the same way.
pub(super) fn in_json(value: &str) -> Option<String> {
    find(value, 0)
}

/// Returns what text says that is not a JSON object: the title of a page, or the first line of plain text. JSON that is cut
/// off says nothing.
pub(super) fn in_text(text: &str) -> Option<String> {
    let text = text.trim();
    if text.starts_with('<') {
        return in_page(text);
    }
    if json::is_valid(text) {
        return in_json(text);
    }
    let line = text.lines().next().unwrap_or_default().trim();
    let is_binary = line.contains(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER);
    let is_broken = line.starts_with(['{', '[', '"']);
    (!line.is_empty() && !is_binary && !is_broken).then(|| line.to_owned())
}

fn find(value: &str, depth: usize) -> Option<String> {
    if depth > MAX_DEPTH {
        return None;
    }
    if let Some(text) = json::string(value) {
        let text = text.trim();
        let nested = text
            .starts_with(['{', '['])
            .then(|| find(text, depth + 1))
            .flatten();
        return nested.or_else(|| (!text.is_empty()).then(|| text.to_owned()));
    }
    if let Some(items) = json::array(value) {
        return joined(items.into_iter().map(|item| find(item, depth + 1)));
    }
    in_fields(&Object::parse(value)?, depth)
}

fn in_fields(object: &Object<'_>, depth: usize) -> Option<String> {
    let words = FIELDS.iter().find_map(|name| match object.object(name) {
        Some(by_field) if *name == "errors" => joined(by_field.entries().map(|(name, value)| {
            let words = find(value, depth + 1)?;
            Some(format!("{name}: {words}"))
        })),
        _ => find(object.present(name)?, depth + 1),
    })?;
    // FastAPI and Zod say what is wrong, and beside it where.
    let path = ["loc", "path"]
        .iter()
        .find_map(|name| json::array(object.present(name)?));
    let path: Vec<String> = path
        .unwrap_or_default()
        .into_iter()
        .map(|part| json::string(part).map_or_else(|| part.to_owned(), |part| part.into_owned()))
        .collect();
    Some(match path.is_empty() {
        true => words,
        false => format!("{}: {words}", path.join(".")),
    })
}

fn joined(items: impl Iterator<Item = Option<String>>) -> Option<String> {
    let mut items = items.flatten();
    let first: Vec<String> = items.by_ref().take(MAX_ITEMS).collect();
    let words = (!first.is_empty()).then(|| first.join("; "))?;
    Some(match items.count() {
        0 => words,
        more => format!("{words}; and {more} more"),
    })
}

/// Returns the title of a page, else its first heading.
fn in_page(page: &str) -> Option<String> {
    // Bytes keep their places in ASCII lower case.
    let lower = page.to_ascii_lowercase();
    ["title", "h1"].iter().find_map(|tag| {
        let open = lower.find(&format!("<{tag}"))?;
        let start = open + lower.get(open..)?.find('>')? + 1;
        let end = start + lower.get(start..)?.find("</")?;
        let mut text = page
            .get(start..end)?
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        for (escape, letter) in [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&amp;", "&"),
        ] {
            text = text.replace(escape, letter);
        }
        (!text.is_empty()).then_some(text)
    })
}
