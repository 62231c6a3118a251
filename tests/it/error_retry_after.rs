//! How long the API asks to wait is read from headers and bodies in all their forms.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::support::client::KEY;
use crate::support::failure::{error_body, read_as};

/// Headers, a body, and the seconds of `retry_after` that they give.
type Wait<'a> = (Vec<(&'a str, &'a str)>, String, Option<f64>);

#[test]
fn retry_after_is_found_in_each_of_its_forms() {
    let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let (seconds, ms) = (
        (epoch.as_secs() + 90).to_string(),
        (epoch.as_millis() + 90_000).to_string(),
    );
    let (past, date) = (
        (epoch.as_secs() - 90).to_string(),
        httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(90)),
    );
    let old = httpdate::fmt_http_date(SystemTime::now() - Duration::from_secs(90));
    let inside =
        |metadata: &str| format!(r#"{{"error":{{"code":429,"message":"m","metadata":{metadata}}}}}"#);
    let cases: Vec<Wait<'_>> = vec![
        (vec![("retry-after", "7")], String::new(), Some(7.0)),
        (vec![("Retry-After", " 1.5 ")], String::new(), Some(1.5)),
        (vec![("retry-after", "0")], String::new(), Some(0.0)),
        (vec![("retry-after", &date)], String::new(), Some(90.0)),
        (vec![("retry-after", &old)], String::new(), Some(0.0)),
        (
            vec![("retry-after-ms", "250"), ("retry-after", "7")],
            String::new(),
            Some(0.25),
        ),
        (vec![("x-ratelimit-reset", &seconds)], String::new(), Some(90.0)),
        (vec![("x-ratelimit-reset", &ms)], String::new(), Some(90.0)),
        (vec![("x-ratelimit-reset", &past)], String::new(), Some(0.0)),
        (vec![("x-ratelimit-reset", "90")], String::new(), Some(90.0)),
        (vec![("x-ratelimit-reset", &date)], String::new(), Some(90.0)),
        (vec![("x-ratelimit-reset", "-1")], String::new(), None),
        (vec![("x-ratelimit-reset", "soon")], String::new(), None),
        (
            vec![],
            inside(&format!(r#"{{"headers":{{"X-RateLimit-Reset":"{date}"}}}}"#)),
            Some(90.0),
        ),
        (
            vec![],
            inside(r#"{"headers":{"X-RateLimit-Reset":90}}"#),
            Some(90.0),
        ),
        (
            vec![],
            inside(&format!(r#"{{"headers":{{"X-RateLimit-Reset":"{ms}"}}}}"#)),
            Some(90.0),
        ),
        (
            vec![],
            inside(&format!(r#"{{"headers":{{"X-RateLimit-Reset":{seconds}}}}}"#)),
            Some(90.0),
        ),
        (vec![], inside(r#"{"retry_after_seconds":12}"#), Some(12.0)),
        (
            vec![],
            r#"{"error":{"code":503,"availability":{"retry_after":3}}}"#.to_owned(),
            Some(3.0),
        ),
        (
            vec![("retry-after", "7")],
            inside(r#"{"retry_after_seconds":12}"#),
            Some(7.0),
        ),
        (
            vec![("retry-after", "soon")],
            inside(r#"{"retry_after_seconds":12}"#),
            Some(12.0),
        ),
        (
            vec![("retry-after", "soon"), ("x-ratelimit-reset", "9")],
            String::new(),
            Some(9.0),
        ),
        (
            vec![("retry-after-ms", "-1"), ("retry-after", "7")],
            String::new(),
            Some(7.0),
        ),
        (
            vec![],
            inside(r#"{"headers":{"x-ratelimit-reset":"90"}}"#),
            Some(90.0),
        ),
        (
            vec![],
            inside(r#"{"retry_after_seconds":"x","headers":{"RETRY-AFTER":"8"}}"#),
            Some(8.0),
        ),
        // The clock of the server counts, however wrong the one of this machine is.
        (
            vec![
                ("date", "Wed, 21 Oct 2015 07:28:00 GMT"),
                ("retry-after", "Wed, 21 Oct 2015 07:28:20 GMT"),
            ],
            String::new(),
            Some(20.0),
        ),
        (
            vec![
                ("date", "Tue, 21 Oct 2059 07:28:00 GMT"),
                ("retry-after", "Tue, 21 Oct 2059 07:27:00 GMT"),
            ],
            String::new(),
            Some(0.0),
        ),
        (
            vec![
                ("date", "Wed, 21 Oct 2015 07:28:00 GMT"),
                ("x-ratelimit-reset", "1445412510000"),
            ],
            String::new(),
            Some(30.0),
        ),
        (vec![("retry-after", "-3")], String::new(), None),
        (vec![("retry-after", "1e999")], String::new(), None),
        (vec![], inside(r#"{"retry_after_seconds":"x"}"#), None),
        (vec![], error_body(429, "m"), None),
    ];
    for (headers, body, wait) in cases {
        for status in [429, 200] {
            let error = read_as(KEY, status, &headers, None, &body);
            let found = error.details().retry_after.map(|wait| wait.as_secs_f64());
            match (found, wait) {
                (Some(found), Some(wait)) => assert!(
                    (wait - 5.0..=wait + 1.0).contains(&found),
                    "{headers:?} {body}: {found}"
                ),
                (found, wait) => assert_eq!(found, wait, "{headers:?} {body}"),
            }
        }
    }
}
