//! How cached values age: when they are refreshed in the background, and when a stale value is served instead of a failure.
//! Ages are read on the test's clock, which is paused, but values are stamped on the process's own runtime, whose clock
//! runs. Therefore each `advance` stays far from the limit that it tests.

use std::time::Duration;

use crate::support::cached::{Api, HOUR, MINUTE, begin, cache, cache_for, found, never, number, own};
use futures_util::FutureExt;
use openrouter_native::account::{CREDITS, MODELS};
use openrouter_native::error::{Error, ErrorKind};
use tokio::time::advance;

#[tokio::test(start_paused = true)]
async fn a_stale_value_is_served_for_transient_failures_only() {
    use ErrorKind::*;
    let transient = [
        Timeout,
        RateLimited,
        ServerError,
        ProviderError,
        ServiceUnavailable,
        Overloaded,
        ConnectionFailed,
        ConnectionReset,
        TlsError,
        ProxyError,
    ];
    let permanent = [
        InvalidApiKey,
        InsufficientCredits,
        Forbidden,
        Moderation,
        InvalidRequest,
        NotFound,
        MalformedResponse,
        EmptyResponse,
        ResponseTooLarge,
        InvalidOption,
    ];
    let (cache, api) = (cache(), Api::default());
    begin(cache, Some(HOUR), api.answers(1)).await.unwrap();
    advance(2 * HOUR).await;
    for kind in transient {
        assert_eq!(
            begin(cache, Some(HOUR), api.fails(kind)).await,
            Ok((1, true)),
            "{kind:?}"
        );
        // A client without a cache (a TTL of zero) and a forced call get the error.
        assert_eq!(
            begin(cache, Some(Duration::ZERO), api.fails(kind)).await,
            Err(kind)
        );
        assert_eq!(begin(cache, None, api.fails(kind)).await, Err(kind));
    }
    for kind in permanent {
        assert_eq!(
            begin(cache, Some(HOUR), api.fails(kind)).await,
            Err(kind),
            "{kind:?}"
        );
    }
    assert_eq!(api.requests(), 1 + 3 * transient.len() + permanent.len());
}

#[tokio::test(start_paused = true)]
async fn a_stale_value_is_served_until_its_limit() {
    let (cache, api) = (cache_for(HOUR), Api::default());
    let get = |fetch| cache.get(own(), Some(MINUTE), fetch).map(found);
    get(api.answers(1)).await.unwrap();
    advance(HOUR - 5 * MINUTE).await;
    assert_eq!(get(api.fails(ErrorKind::Timeout)).await, Ok((1, true)));
    advance(10 * MINUTE).await;
    assert_eq!(get(api.fails(ErrorKind::Timeout)).await, Err(ErrorKind::Timeout));
    assert_eq!(get(api.answers(2)).await, Ok((2, false)));
}

#[test]
fn stale_models_are_served_for_a_day_and_stale_credits_for_an_hour() {
    assert_eq!(MODELS.stale_for(), 24 * HOUR);
    assert_eq!(CREDITS.stale_for(), HOUR);
}

#[tokio::test(start_paused = true)]
async fn a_value_expires_by_the_callers_ttl_and_is_due_for_a_refresh_from_80_percent() {
    let (cache, api) = (cache(), Api::default());
    assert!(cache.unexpired(&own(), HOUR).is_none());
    begin(cache, Some(HOUR), api.answers(1)).await.unwrap();
    let unexpired = |ttl: Duration| {
        cache
            .unexpired(&own(), ttl)
            .map(|(value, due)| (number(&value), due.is_some()))
    };
    assert_eq!(unexpired(HOUR), Some((1, false)));
    assert_eq!(unexpired(Duration::ZERO), None);
    advance(47 * MINUTE).await;
    assert_eq!(unexpired(HOUR), Some((1, false)));
    assert_eq!(unexpired(30 * MINUTE), None);
    advance(2 * MINUTE).await;
    assert_eq!(unexpired(HOUR), Some((1, true)));
    assert_eq!(unexpired(2 * HOUR), Some((1, false)));
    advance(12 * MINUTE).await;
    assert_eq!(unexpired(HOUR), None);
}

#[tokio::test(start_paused = true)]
async fn one_background_refresh_runs_at_a_time_and_its_failure_keeps_the_value() {
    let (cache, api) = (cache(), Api::default());
    begin(cache, Some(HOUR), api.answers(1)).await.unwrap();
    advance(50 * MINUTE).await;
    let (_, due) = cache.unexpired(&own(), HOUR).unwrap();
    let (fetch, answer) = api.waits();
    assert!(cache.refresh(&own(), due.unwrap(), fetch));
    assert!(!cache.refresh(&own(), due.unwrap(), never()));
    answer
        .send(Err(Error::new(ErrorKind::InvalidApiKey, "m")))
        .unwrap();
    // The failed refresh may still be in flight for a moment.
    while !cache.refresh(&own(), due.unwrap(), api.answers(2)) {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        cache.unexpired(&own(), HOUR).map(|(value, _)| number(&value) > 0),
        Some(true)
    );
    while number(&cache.last(&own()).unwrap()) == 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_background_refresh_is_not_repeated_by_every_hit() {
    let (cache, api) = (cache(), Api::default());
    begin(cache, Some(HOUR), api.answers(1)).await.unwrap();
    let seconds = Duration::from_secs;
    advance(seconds(26)).await;
    let is_due = || cache.unexpired(&own(), seconds(28)).unwrap().1.is_some();
    assert!(is_due());
    let failed = begin(cache, Some(seconds(1)), api.fails(ErrorKind::ServerError)).await;
    assert_eq!(failed, Ok((1, true)));
    assert!(!is_due());
    assert_eq!(
        begin(cache, Some(seconds(1)), api.answers(2)).await,
        Ok((2, false))
    );
    assert_eq!(
        number(&cache.last(&own()).unwrap()),
        2,
        "a caller that needs a new value gets one"
    );
}

#[tokio::test(start_paused = true)]
async fn a_value_marked_as_wrong_is_fetched_again_and_never_served() {
    let (cache, api) = (cache(), Api::default());
    begin(cache, Some(HOUR), api.answers(1)).await.unwrap();
    cache.expire(&own());
    assert!(cache.unexpired(&own(), HOUR).is_none());
    let failed = begin(cache, Some(HOUR), api.fails(ErrorKind::Timeout)).await;
    assert_eq!(failed, Err(ErrorKind::Timeout));
    assert_eq!(begin(cache, Some(HOUR), api.answers(2)).await, Ok((2, false)));
}
