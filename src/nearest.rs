//! Finds the known name that a misspelt one most likely stands for.

use strsim::osa_distance;

/// Longer names are not compared, because the time for a comparison grows with the square of their length.
const MAX_LENGTH: usize = 128;
/// One wrong letter is accepted for this many letters of a name, so that nonsense gets no suggestion.
const LETTERS_PER_MISTAKE: usize = 3;

/// Returns the name of `known` that is nearest to `given`; `None` if none is near. Case, `_`, `-` and spaces do not count, so
/// that `base_url` stands for `baseURL`; of several equally near names the one that is written most like `given` is returned,
/// else the first. Two swapped letters count as one mistake.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if given.len() > MAX_LENGTH {
        return None;
    }
    let plain = plain(given);
    let most = plain.chars().count() / LETTERS_PER_MISTAKE;
    known
        .into_iter()
        .filter_map(|name| Some((mistakes(&plain, name, most)?, name)))
        .min_by_key(|(mistakes, name)| (*mistakes, osa_distance(given, name)))
        .map(|(_, name)| name)
}

/// Returns how many mistakes lead from `name` to `plain`; `None` if they are more than `most`.
fn mistakes(plain: &str, name: &str, most: usize) -> Option<usize> {
    // Most names differ too much in their length, and are not compared.
    if name.len() > MAX_LENGTH || letters(name).count().abs_diff(plain.chars().count()) > most {
        return None;
    }
    Some(osa_distance(plain, &self::plain(name))).filter(|mistakes| *mistakes <= most)
}

/// Returns a name as it is compared: in small letters, without `_`, `-` and spaces.
pub fn plain(name: &str) -> String {
    letters(name).collect()
}

fn letters(name: &str) -> impl Iterator<Item = char> {
    let letters = name.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
    letters.flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[&str] = &[
        "baseURL",
        "zdr",
        "ca",
        "timeouts",
        "siteUrl",
        "siteName",
        "maxRetries",
        "max_tokens",
        "temperature",
        "proxy",
        "top_p",
        "top_k",
        "stop",
    ];

    fn found(given: &str) -> Option<&'static str> {
        nearest(given, NAMES.iter().copied())
    }

    #[test]
    fn another_spelling_of_a_name_stands_for_it() {
        for (given, name) in [
            ("baseUrl", "baseURL"),
            ("base_url", "baseURL"),
            ("MAXRETRIES", "maxRetries"),
            ("maxTokens", "max_tokens"),
        ] {
            assert_eq!(found(given), Some(name), "{given}");
        }
    }

    #[test]
    fn a_mistyped_name_stands_for_the_nearest_one() {
        for (given, name) in [
            ("zrd", "zdr"),
            ("timeout", "timeouts"),
            ("temprature", "temperature"),
            ("max_token", "max_tokens"),
            ("sitName", "siteName"),
            ("proxi", "proxy"),
            ("stopp", "stop"),
        ] {
            assert_eq!(found(given), Some(name), "{given}");
        }
    }

    #[test]
    fn of_equally_near_names_the_one_that_is_written_alike_is_found() {
        assert_eq!(
            nearest("max_tokenz", ["maxTokens", "max_tokens"]),
            Some("max_tokens")
        );
        assert_eq!(
            nearest("maxTokenz", ["max_tokens", "maxTokens"]),
            Some("maxTokens")
        );
    }

    #[test]
    fn a_name_that_resembles_none_stands_for_none() {
        for given in [
            "",
            "x",
            "cb",
            "conversationId",
            "verbosity",
            "日本語",
            &"zdr".repeat(100),
        ] {
            assert_eq!(found(given), None, "{given}");
        }
    }
}
