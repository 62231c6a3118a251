//! The cache of credits and models: concurrent callers share one request, and a late response restores neither a cleared
//! nor an older value. Requests run on the process's own runtime, and the tests decide when they finish. How values age is
//! in `cache_ages`.

use std::future::Future;
use std::sync::{Arc, Barrier};
use std::time::Duration;

use crate::support::cached::{
    Api, Fetch, HOUR, MINUTE, Value, account, account_at, begin, cache, found, never, number, own, value,
};
use futures_util::FutureExt;
use futures_util::future::join_all;
use openrouter_native::account::cache::Cache;
use openrouter_native::error::{Error, ErrorKind};

#[tokio::test(start_paused = true)]
async fn concurrent_callers_share_one_request() {
    let (cache, api) = (cache(), Api::default());
    let (fetch, answer) = api.waits();
    let first = begin(cache, Some(HOUR), fetch);
    let others: Vec<_> = (0..50).map(|_| begin(cache, Some(HOUR), never())).collect();
    answer.send(Ok(value(7))).unwrap();
    assert_eq!(first.await, Ok((7, false)));
    for other in join_all(others).await {
        assert_eq!(other, Ok((7, false)));
    }
    assert_eq!(api.requests(), 1);
    assert_eq!(
        begin(cache, Some(HOUR), never()).await,
        Ok((7, false)),
        "the value is stored"
    );
}

#[tokio::test(start_paused = true)]
async fn dropping_the_first_caller_does_not_fail_the_others() {
    let (cache, api) = (cache(), Api::default());
    let (fetch, answer) = api.waits();
    let first = begin(cache, Some(HOUR), fetch);
    let second = begin(cache, Some(HOUR), never());
    drop(first);
    answer.send(Ok(value(7))).unwrap();
    assert_eq!(second.await, Ok((7, false)));
    assert_eq!(api.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_last_caller_closes_the_request_unless_it_is_a_background_refresh() {
    let (cache, api) = (cache(), Api::default());
    let (fetch, mut answer) = api.waits();
    let first = begin(cache, Some(HOUR), fetch);
    let second = begin(cache, Some(HOUR), never());
    drop(first);
    assert!(!answer.is_closed());
    drop(second);
    answer.closed().await;
    assert_eq!(begin(cache, Some(HOUR), api.answers(8)).await, Ok((8, false)));
    // A background refresh continues without callers.
    tokio::time::advance(2 * MINUTE).await;
    let (fetch, answer) = api.waits();
    assert!(cache.refresh(&own(), MINUTE, fetch));
    drop(begin(cache, Some(MINUTE), never()));
    answer.send(Ok(value(9))).unwrap();
    while number(&cache.last(&own()).unwrap()) == 8 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn threads_that_race_for_a_value_make_one_request() {
    let (cache, threads) = (cache(), 4);
    let barrier = Arc::new(Barrier::new(threads));
    let apis: Arc<Vec<Api>> = Arc::new((0..200).map(|_| Api::default()).collect());
    let race = |_| {
        let (barrier, apis) = (barrier.clone(), apis.clone());
        std::thread::spawn(move || {
            for (at, api) in apis.iter().enumerate() {
                barrier.wait();
                let own = account_at(&at.to_string(), 1);
                let asking = cache.get(own, Some(HOUR), api.answers(at));
                assert_eq!(found(block_on(asking)), Ok((at, false)));
            }
        })
    };
    let racers: Vec<_> = (0..threads).map(race).collect();
    for racer in racers {
        racer.join().unwrap();
    }
    assert!(apis.iter().all(|api| api.requests() == 1));
}

/// Runs a future on a new runtime of the current thread.
fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(future)
}

#[tokio::test(start_paused = true)]
async fn a_forced_call_makes_a_new_request_that_overlapping_calls_share() {
    let (cache, api) = (cache(), Api::default());
    assert_eq!(begin(cache, Some(HOUR), api.answers(1)).await, Ok((1, false)));
    let (old, old_answer) = api.waits();
    let plain = begin(cache, Some(Duration::ZERO), old);
    let (new, new_answer) = api.waits();
    let forced = begin(cache, None, new);
    let shared = begin(cache, None, never());
    new_answer.send(Ok(value(3))).unwrap();
    assert_eq!(forced.await, Ok((3, false)));
    assert_eq!(shared.await, Ok((3, false)));
    old_answer.send(Ok(value(2))).unwrap();
    assert_eq!(plain.await, Ok((2, false)));
    assert_eq!(api.requests(), 3);
    // A call without force joins a forced request in flight.
    let (new, new_answer) = api.waits();
    let forced = begin(cache, None, new);
    let plain = begin(cache, Some(Duration::ZERO), never());
    new_answer.send(Ok(value(4))).unwrap();
    assert_eq!(forced.await, Ok((4, false)));
    assert_eq!(plain.await, Ok((4, false)));
}

#[tokio::test(start_paused = true)]
async fn an_older_request_does_not_overwrite_the_value_of_a_forced_one() {
    let (cache, api) = (cache(), Api::default());
    let (old, old_answer) = api.waits();
    let plain = begin(cache, Some(HOUR), old);
    assert_eq!(begin(cache, None, api.answers(2)).await, Ok((2, false)));
    old_answer.send(Ok(value(1))).unwrap();
    plain.await.unwrap();
    assert_eq!(number(&cache.last(&own()).unwrap()), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failed_forced_call_returns_its_error_and_keeps_the_stored_value() {
    let (cache, api) = (cache(), Api::default());
    begin(cache, Some(HOUR), api.answers(1)).await.unwrap();
    let failed = begin(cache, None, api.fails(ErrorKind::ServiceUnavailable)).await;
    assert_eq!(failed, Err(ErrorKind::ServiceUnavailable));
    assert_eq!(begin(cache, Some(HOUR), never()).await, Ok((1, false)));
}

#[tokio::test(start_paused = true)]
async fn a_failure_reaches_all_waiting_callers_and_is_not_stored() {
    let (cache, api) = (cache(), Api::default());
    let (fetch, answer) = api.waits();
    let asking: Vec<_> = std::iter::once(begin(cache, Some(HOUR), fetch))
        .chain((0..3).map(|_| begin(cache, Some(HOUR), never())))
        .collect();
    answer.send(Err(Error::new(ErrorKind::RateLimited, "m"))).unwrap();
    for result in join_all(asking).await {
        assert_eq!(result, Err(ErrorKind::RateLimited));
    }
    assert_eq!(begin(cache, Some(HOUR), api.answers(2)).await, Ok((2, false)));
    assert_eq!(api.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_request_from_before_a_clear_does_not_store_its_value() {
    for everyone in [false, true] {
        let clear = |cache: &Cache<Value>| cache.clear(|one| everyone || *one == own());
        let (cache, api) = (cache(), Api::default());
        let (fetch, answer) = api.waits();
        let before = begin(cache, Some(HOUR), fetch);
        clear(cache);
        let (fetch, later_answer) = api.waits();
        let after = begin(cache, Some(HOUR), fetch);
        answer.send(Ok(value(1))).unwrap();
        assert_eq!(
            before.await,
            Ok((1, false)),
            "the caller from before the clear gets its value"
        );
        assert!(cache.last(&own()).is_none());
        let joined = begin(cache, Some(HOUR), never());
        later_answer.send(Ok(value(2))).unwrap();
        assert_eq!(after.await, Ok((2, false)));
        assert_eq!(
            joined.await,
            Ok((2, false)),
            "the end of the old request leaves the new one in flight"
        );
        assert_eq!(api.requests(), 2);
        clear(cache);
        assert!(cache.last(&own()).is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_the_last_caller_closes_a_request_from_before_a_clear() {
    let (cache, api) = (cache(), Api::default());
    let (fetch, mut answer) = api.waits();
    let before = begin(cache, Some(HOUR), fetch);
    cache.clear(|_| true);
    let (fetch, later_answer) = api.waits();
    let after = begin(cache, Some(HOUR), fetch);
    drop(before);
    answer.closed().await;
    later_answer.send(Ok(value(2))).unwrap();
    assert_eq!(after.await, Ok((2, false)));
}

#[tokio::test(start_paused = true)]
async fn clearing_one_account_keeps_the_values_and_requests_of_others() {
    let (cache, api) = (cache(), Api::default());
    let get = |owner, fetch| Box::pin(cache.get(account(owner), Some(HOUR), fetch).map(found));
    for owner in [1, 2] {
        get(owner, api.answers(usize::from(owner))).await.unwrap();
    }
    let (fetch, answer) = api.waits();
    let mut in_flight = get(3, fetch);
    assert!(in_flight.as_mut().now_or_never().is_none());
    cache.clear(|one| *one == account(1));
    assert!(cache.last(&account(1)).is_none());
    assert_eq!(number(&cache.last(&account(2)).unwrap()), 2);
    let mut joined = get(3, api.answers(4));
    let early = joined.as_mut().now_or_never();
    assert!(early.is_none());
    answer.send(Ok(value(3))).unwrap();
    assert_eq!(in_flight.await, Ok((3, false)));
    assert_eq!(
        joined.await,
        Ok((3, false)),
        "the request in flight is still shared after another account was cleared"
    );
    assert_eq!(api.requests(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_panicking_request_returns_an_error_and_the_next_one_works() {
    let (cache, api) = (cache(), Api::default());
    let panics: Fetch = Box::pin(async { panic!("on purpose") });
    let first = begin(cache, Some(HOUR), panics);
    assert_eq!(first.await, Err(ErrorKind::ConnectionFailed));
    assert_eq!(begin(cache, Some(HOUR), api.answers(1)).await, Ok((1, false)));
}

#[tokio::test(start_paused = true)]
async fn each_base_url_and_key_has_its_own_value() {
    let (cache, api) = (cache(), Api::default());
    let accounts = [account(1), account(2), account_at("https://other.example", 1)];
    for (at, one) in accounts.iter().enumerate() {
        cache.get(one.clone(), Some(HOUR), api.answers(at)).await.unwrap();
    }
    for (at, one) in accounts.iter().enumerate() {
        assert_eq!(number(&cache.last(one).unwrap()), at);
    }
}
