//! How cached values age: when they are refreshed behind the answer, and when an old one stands in (contract, section
//! 6). Ages are read with the clock of the test, which stands still, but values are stamped on the process's own
//! runtime, so each `advance` stays far from the limit that it tests.

use std::time::Duration;

use crate::support::cached::{Api, HOUR, MINUTE, begin, cache, cache_for, found, never, number, own};
use futures_util::FutureExt;
use openrouter_native::account::{CREDITS, MODELS};
use openrouter_native::error::{Error, ErrorKind};
use tokio::time::advance;

#[tokio::test(start_paused = true)]
async fn an_old_value_stands_in_for_failures_that_may_pass_and_for_no_other() {
    use ErrorKind::*;
    let passing = [
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
    let lasting = [
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
    for kind in passing {
        assert_eq!(
            begin(cache, Some(HOUR), api.fails(kind)).await,
            Ok((1, true)),
            "{kind:?}"
        );
        // Not for a client without a cache, and not by force.
        assert_eq!(
            begin(cache, Some(Duration::ZERO), api.fails(kind)).await,
            Err(kind)
        );
        assert_eq!(begin(cache, None, api.fails(kind)).await, Err(kind));
    }
    for kind in lasting {
        assert_eq!(
            begin(cache, Some(HOUR), api.fails(kind)).await,
            Err(kind),
            "{kind:?}"
        );
    }
    assert_eq!(api.requests(), 1 + 3 * passing.len() + lasting.len());
}

#[tokio::test(start_paused = true)]
async fn an_old_value_stands_in_until_its_limit() {
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
fn models_stand_in_for_a_day_and_credits_for_an_hour() {
    assert_eq!(MODELS.stale_for(), 24 * HOUR);
    assert_eq!(CREDITS.stale_for(), HOUR);
}

#[tokio::test(start_paused = true)]
async fn age_is_held_against_the_ttl_of_who_asks_and_from_80_percent_it_is_due() {
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
async fn a_background_refresh_goes_on_once_at_a_time_and_its_failure_harms_nothing() {
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
    // The failure may still be on its way.
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
async fn a_value_that_no_longer_holds_is_asked_for_and_never_stands_in() {
    let (cache, api) = (cache(), Api::default());
    begin(cache, Some(HOUR), api.answers(1)).await.unwrap();
    cache.expire(&own());
    assert!(cache.unexpired(&own(), HOUR).is_none());
    let failed = begin(cache, Some(HOUR), api.fails(ErrorKind::Timeout)).await;
    assert_eq!(failed, Err(ErrorKind::Timeout));
    assert_eq!(begin(cache, Some(HOUR), api.answers(2)).await, Ok((2, false)));
}
