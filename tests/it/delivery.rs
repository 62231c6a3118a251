//! Delivery from the network thread to JavaScript: few wake-ups, every item once and in order, and a writer that waits while
//! JavaScript does not read.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use crate::support::call::hub;
use bytes::Bytes;
use futures_util::FutureExt;
use openrouter_native::delivery::limiter::WakeLimiter;
use openrouter_native::delivery::{End, Hub, Mailbox, Outbox};
use proptest::prelude::*;
use serde_json::Value;

/// Posts one item.
fn post(mailbox: &Arc<Mailbox>, item: &str) {
    let mut out = Outbox::default();
    out.chunk(item);
    mailbox.post(&mut out);
    assert!(out.is_empty());
}

/// The batches that a drain or a pull of the hub returned.
fn batches(drained: &str) -> Vec<Vec<Value>> {
    serde_json::from_str(drained).unwrap_or_else(|_| panic!("{drained}"))
}

/// The number of wake-ups since the last call.
fn count(wakes: &Receiver<()>) -> usize {
    wakes.try_iter().count()
}

/// The expected result of a pull: `text` with the number of the mailbox in place of `ID`.
fn pulled(mailbox: &Mailbox, text: &str) -> Option<String> {
    Some(text.replace("ID", &mailbox.id().to_string()))
}

#[test]
fn one_wake_up_serves_all_ready_mailboxes() {
    let (hub, wakes) = hub();
    let boxes: Vec<_> = (0..5).map(|_| Mailbox::new(&hub)).collect();
    for mailbox in &boxes {
        post(mailbox, "{}");
        post(mailbox, "[\"t\",{}]");
    }
    hub.note("[\"log\",1]".to_owned());
    assert_eq!(count(&wakes), 1);
    let drained = batches(&hub.drain());
    assert_eq!(
        drained[0],
        serde_json::json!([0, 0, ["log", 1]]).as_array().unwrap().clone()
    );
    for (batch, mailbox) in drained[1..].iter().zip(&boxes) {
        assert_eq!(
            serde_json::to_string(batch).unwrap(),
            format!("[{},0,{{}},[\"t\",{{}}]]", mailbox.id())
        );
    }
    assert_eq!(drained.len(), 6);
    assert_eq!(hub.drain(), "[]");
    let ids: std::collections::HashSet<u32> = boxes.iter().map(|mailbox| mailbox.id()).collect();
    assert_eq!(ids.len(), 5);
}

#[test]
fn javascript_is_woken_only_while_it_waits() {
    let (hub, wakes) = hub();
    let mailbox = Mailbox::new(&hub);
    post(&mailbox, "1");
    assert_eq!(count(&wakes), 1, "JavaScript waits for a new call");
    hub.drain();
    for _ in 0..100 {
        post(&mailbox, "2");
    }
    assert_eq!(count(&wakes), 0, "JavaScript does not wait after the first batch");
    let expected = format!("[ID,0{}]", ",2".repeat(100));
    assert_eq!(mailbox.pull(), pulled(&mailbox, &expected));
    assert_eq!(mailbox.pull(), None);
    post(&mailbox, "3");
    assert_eq!(count(&wakes), 1, "JavaScript waits after an empty pull");
    assert_eq!(mailbox.pull(), pulled(&mailbox, "[ID,0,3]"));
    post(&mailbox, "4");
    assert_eq!(
        hub.drain(),
        "[]",
        "JavaScript does not wait after a pull that returned a batch"
    );
    assert_eq!(mailbox.pull(), pulled(&mailbox, "[ID,0,4]"));
    let mut nothing = Outbox::default();
    mailbox.pull();
    mailbox.post(&mut nothing);
    assert_eq!(count(&wakes), 0, "an empty post sends no wake-up");
}

#[test]
fn javascript_keeps_waiting_after_each_drain_until_it_rests() {
    let (hub, wakes) = hub();
    let mailbox = Mailbox::new(&hub);
    post(&mailbox, "0");
    assert_eq!(count(&wakes), 1);
    hub.drain();
    post(&mailbox, "0");
    assert_eq!(
        hub.drain(),
        "[]",
        "JavaScript does not wait after the first batch"
    );
    assert!(mailbox.pull().is_some() && mailbox.pull().is_none());
    for item in ["1", "2", "3"] {
        post(&mailbox, item);
        assert_eq!(count(&wakes), 1);
        assert_eq!(hub.drain(), format!("[[{},0,{item}]]", mailbox.id()));
    }
    post(&mailbox, "4");
    hub.rest(&[mailbox.id(), u32::MAX]);
    assert_eq!(hub.drain(), "[]", "a mailbox at rest keeps its item");
    assert_eq!(mailbox.pull(), pulled(&mailbox, "[ID,0,4]"));
}

#[test]
fn an_end_behind_bytes_is_delivered_once_without_another_pull() {
    for pulls in [false, true] {
        let (hub, wakes) = hub();
        let mailbox = Mailbox::new(&hub);
        post(&mailbox, "0");
        hub.drain();
        if !pulls {
            assert_eq!(mailbox.pull(), None);
        }
        wakes.try_iter().for_each(drop);
        let mut out = Outbox::default();
        out.bytes(Bytes::from_static(b"abc"));
        mailbox.conclude(&mut out, End::Done);
        let announced = match pulls {
            true => hub.pull(&[mailbox.id()]).unwrap(),
            false => hub.drain(),
        };
        assert_eq!(announced, format!("[[{},3,3]]", mailbox.id()));
        assert_eq!(count(&wakes), if pulls { 1 } else { 2 });
        assert_eq!(hub.drain(), format!("[[{},1]]", mailbox.id()));
        assert_eq!((count(&wakes), hub.drain()), (0, "[]".into()));
    }
}

#[test]
fn the_end_is_delivered_once_after_all_items_and_nothing_follows_it() {
    for (end, last) in [
        (End::Done, "[ID,1,1]"),
        (
            End::Failed("{\"code\":\"x\"}".into()),
            "[ID,2,1,{\"code\":\"x\"}]",
        ),
    ] {
        let (hub, wakes) = hub();
        let mailbox = Mailbox::new(&hub);
        assert_eq!(mailbox.pull(), None);
        post(&mailbox, "1");
        assert!(!mailbox.is_finished());
        mailbox.finish(end.clone());
        mailbox.finish(End::Failed("{\"code\":\"late\"}".into()));
        mailbox.finish(End::Done);
        post(&mailbox, "2");
        assert!(mailbox.is_finished());
        assert_eq!(mailbox.pull(), pulled(&mailbox, last));
        assert_eq!(count(&wakes), 1);
        assert_eq!(mailbox.pull(), None, "the end is reported once");
        post(&mailbox, "3");
        assert_eq!(mailbox.pull(), None);
        assert_eq!(count(&wakes), 0);
    }
    let (hub, wakes) = hub();
    let mailbox = Mailbox::new(&hub);
    mailbox.finish(End::Done);
    assert_eq!(count(&wakes), 1, "an end without items sends a wake-up");
    assert_eq!(hub.drain(), format!("[[{},1]]", mailbox.id()));
}

#[test]
fn take_bytes_returns_exactly_the_announced_number_of_bytes() {
    let (hub, _wakes) = hub();
    let mailbox = Mailbox::new(&hub);
    let mut out = Outbox::default();
    out.event("model", "\"m\"");
    out.bytes(Bytes::from_static(b"abc"));
    out.bytes(Bytes::from_static(b"de"));
    mailbox.post(&mut out);
    assert_eq!(mailbox.pull(), pulled(&mailbox, "[ID,3,[\"model\",\"m\"],5]"));
    out.bytes(Bytes::from_static(b"late"));
    mailbox.post(&mut out);
    mailbox.finish(End::Done);
    assert_eq!(mailbox.take_bytes().concat(), b"abcde");
    assert_eq!(mailbox.pull(), pulled(&mailbox, "[ID,3,4]"));
    assert_eq!(mailbox.take_bytes().concat(), b"late");
    assert_eq!(mailbox.pull(), pulled(&mailbox, "[ID,1]"));
    assert!(mailbox.take_bytes().is_empty());
}

#[tokio::test]
async fn the_writer_of_a_full_mailbox_waits_until_it_is_read() {
    let (hub, _wakes) = hub();
    let mailbox = Mailbox::new(&hub);
    assert!(!mailbox.is_full());
    let mut posted = 0;
    while mailbox.room().now_or_never().is_some() {
        post(&mailbox, "1");
        posted += 1;
    }
    assert!(posted <= 4096, "{posted}");
    let mut waiting = Box::pin(mailbox.room());
    assert!(waiting.as_mut().now_or_never().is_none());
    assert_eq!(mailbox.pull().unwrap().matches(",1").count(), posted);
    waiting.await;

    let mut out = Outbox::default();
    out.bytes(Bytes::from(vec![0; 1 << 20]));
    mailbox.post(&mut out);
    let mut waiting = Box::pin(mailbox.room());
    assert!(waiting.as_mut().now_or_never().is_none(), "bytes count too");
    hub.drain();
    mailbox.pull();
    mailbox.take_bytes();
    waiting.await;
    post(&mailbox, &format!("\"{}\"", "x".repeat(1 << 20)));
    assert!(mailbox.room().now_or_never().is_none(), "text counts, too");
    mailbox.finish(End::Done);
    assert!(
        mailbox.room().now_or_never().is_some(),
        "the writer does not wait after the end"
    );
}

#[test]
fn a_dropped_hub_or_mailbox_does_not_affect_the_others() {
    let (hub, wakes) = hub();
    let (kept, dropped) = (Mailbox::new(&hub), Mailbox::new(&hub));
    post(&dropped, "1");
    drop(dropped);
    assert_eq!(
        batches(&hub.drain()).len(),
        1,
        "a batch that was ready is still handed over"
    );
    drop(hub);
    post(&kept, "2");
    kept.finish(End::Done);
    assert_eq!(count(&wakes), 1);
    assert_eq!(kept.pull(), pulled(&kept, "[ID,1,2]"));
}

#[test]
fn a_drain_is_limited_in_size_and_the_rest_gets_another_wake_up() {
    let (hub, wakes) = hub();
    let large = format!("\"{}\"", "x".repeat(9 << 20));
    let boxes: Vec<_> = (0..4).map(|_| Mailbox::new(&hub)).collect();
    for mailbox in &boxes {
        post(mailbox, &large);
    }
    let (mut seen, mut rounds) = (0, 0);
    while seen < 4 {
        wakes.recv_timeout(Duration::from_secs(10)).unwrap();
        let drained = hub.drain();
        assert!(drained.len() < 32 << 20, "{} bytes", drained.len());
        seen += batches(&drained).len();
        rounds += 1;
    }
    assert_eq!((seen, rounds), (4, 2));
}

#[test]
fn a_pull_of_several_mailboxes_returns_the_ready_batches_and_waits_for_all() {
    let (hub, wakes) = hub();
    let boxes: Vec<_> = (0..3).map(|_| Mailbox::new(&hub)).collect();
    let ids: Vec<u32> = boxes.iter().map(|mailbox| mailbox.id()).collect();
    for mailbox in &boxes {
        post(mailbox, "1");
    }
    hub.drain();
    wakes.try_iter().for_each(drop);
    post(&boxes[0], "2");
    boxes[1].finish(End::Done);
    let pulled_ids = [ids[0], ids[1], ids[2], u32::MAX];
    let expected = format!("[[{},0,2],[{},1]]", ids[0], ids[1]);
    assert_eq!(hub.pull(&pulled_ids), Some(expected));
    assert_eq!(count(&wakes), 0, "the pull has returned the batches already");
    assert_eq!(hub.pull(&ids[..1]), None);
    post(&boxes[2], "3");
    post(&boxes[0], "4");
    assert_eq!(count(&wakes), 1, "one wake-up serves both mailboxes");
    let expected = format!("[[{},0,3],[{},0,4]]", ids[2], ids[0]);
    assert_eq!(hub.drain(), expected);
}

#[test]
fn a_pull_over_the_size_limit_delivers_the_rest_with_a_wake_up() {
    let (hub, wakes) = hub();
    let boxes: Vec<_> = (0..4).map(|_| Mailbox::new(&hub)).collect();
    let ids: Vec<u32> = boxes.iter().map(|mailbox| mailbox.id()).collect();
    for mailbox in &boxes {
        post(mailbox, "1");
    }
    hub.drain();
    for mailbox in &boxes[..3] {
        post(mailbox, &format!("\"{}\"", "x".repeat(9 << 20)));
    }
    wakes.try_iter().for_each(drop);
    assert_eq!(batches(&hub.pull(&ids).unwrap()).len(), 2);
    assert_eq!(count(&wakes), 1, "the third mailbox has a batch");
    assert_eq!(batches(&hub.drain()).len(), 1);
    post(&boxes[3], "5");
    assert_eq!(
        count(&wakes),
        1,
        "JavaScript waits for the fourth mailbox, which was empty"
    );
}

#[test]
fn the_first_batches_of_a_call_wake_javascript_without_delay() {
    let (hub, wakes) = hub();
    for _ in 0..50 {
        let mailbox = Mailbox::new(&hub);
        for _ in 0..3 {
            post(&mailbox, "1");
            assert_eq!(count(&wakes), 1);
            hub.drain();
            assert_eq!(mailbox.pull(), None);
        }
    }
}

/// Acts as JavaScript: waits for wake-ups, drains and pulls until each of `boxes` has ended. Returns the items of each
/// mailbox.
fn consume(
    hub: &Arc<Hub>,
    wakes: &Receiver<()>,
    boxes: &HashMap<u64, Arc<Mailbox>>,
) -> HashMap<u64, Vec<Value>> {
    let mut got: HashMap<u64, Vec<Value>> = HashMap::new();
    let mut ended = std::collections::HashSet::new();
    while ended.len() < boxes.len() {
        wakes
            .recv_timeout(Duration::from_secs(20))
            .unwrap_or_else(|_| panic!("a wake-up was lost"));
        for batch in batches(&hub.drain()) {
            let mut batch = Some(batch);
            while let Some(items) = batch.take() {
                let (id, flag) = (items[0].as_u64().unwrap(), items[1].as_u64().unwrap());
                let mailbox = &boxes[&id];
                let mut items = items[2..].to_vec();
                if flag == 3 {
                    let announced = items.pop().unwrap().as_u64().unwrap();
                    let bytes = mailbox.take_bytes().concat();
                    assert_eq!(bytes.len() as u64, announced);
                    let known = bytes
                        .chunks(4)
                        .map(|four| u32::from_le_bytes(four.try_into().unwrap()));
                    items.extend(known.map(Value::from));
                }
                assert!(
                    items.is_empty() || !ended.contains(&id),
                    "items after the end: {items:?}"
                );
                got.entry(id).or_default().extend(items);
                match flag {
                    1 | 2 => {
                        ended.insert(id);
                    }
                    _ => batch = mailbox.pull().map(|text| serde_json::from_str(&text).unwrap()),
                }
            }
        }
    }
    got
}

#[test]
fn items_from_many_threads_arrive_once_and_in_order() {
    const ITEMS: u64 = 20_000;
    let (hub, wakes) = hub();
    let boxes: HashMap<u64, Arc<Mailbox>> = (0..6)
        .map(|_| Mailbox::new(&hub))
        .map(|mailbox| (u64::from(mailbox.id()), mailbox))
        .collect();
    let writers: Vec<_> = boxes
        .values()
        .cloned()
        .map(|mailbox| {
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                let in_bytes = mailbox.id() % 2 == 0;
                let mut out = Outbox::default();
                for number in 0..ITEMS {
                    match in_bytes {
                        true => out.bytes(Bytes::copy_from_slice(&(number as u32).to_le_bytes())),
                        false => out.chunk(&number.to_string()),
                    }
                    if number % 7 == 0 {
                        runtime.block_on(mailbox.room());
                        mailbox.post(&mut out);
                    }
                }
                mailbox.post(&mut out);
                mailbox.finish(End::Done);
            })
        })
        .collect();
    let got = consume(&hub, &wakes, &boxes);
    for writer in writers {
        writer.join().unwrap();
    }
    for (id, items) in got {
        let numbers = items.iter().map(|item| item.as_u64().unwrap());
        assert!(numbers.eq(0..ITEMS), "mailbox {id}: {} items", items.len());
    }
}

/// The kind and the text of an item that a stream may write.
fn any_item() -> impl Strategy<Value = (u8, String)> {
    (0u8..7, "[a-z\\\\\"\n é]{0,5}")
}

proptest! {
    #[test]
    fn batches_are_json_and_contain_what_was_written(
        written in prop::collection::vec((any_item(), any::<bool>(), any::<bool>()), 1..40),
    ) {
        let (hub, _wakes) = hub();
        let mailbox = Mailbox::new(&hub);
        let (mut out, mut sent, mut got) = (Outbox::default(), String::new(), String::new());
        let mut take = |text: Option<String>| {
            let Some(text) = text else { return };
            let batch: Vec<Value> = serde_json::from_str(&text).unwrap();
            let bytes = mailbox.take_bytes().concat();
            let items = if bytes.is_empty() { &batch[2..] } else { &batch[2..batch.len() - 1] };
            for item in items {
                match item {
                    Value::String(text) => got.push_str(text),
                    other => got.push_str(&format!("<{other}>")),
                }
            }
        };
        for ((kind, text), crosses, is_read) in written {
            let quoted = serde_json::to_string(&text).unwrap();
            let body = &quoted[1..quoted.len() - 1];
            match kind {
                0..=2 => { out.text(body); sent.push_str(&text); }
                3 => { out.content(body); sent.push_str(&text); }
                4 => { out.chunk("{\"a\":1}"); sent.push_str("<{\"a\":1}>"); }
                5 => { out.template("{\"a\":2}", None); sent.push_str("<[\"t\",{\"a\":2}]>"); }
                _ => { out.event(&text, &quoted); sent.push_str(&format!("<[{quoted},{quoted}]>")); }
            }
            if crosses {
                mailbox.post(&mut out);
            }
            if is_read {
                take(mailbox.pull());
            }
        }
        mailbox.post(&mut out);
        mailbox.finish(End::Done);
        take(mailbox.pull());
        prop_assert_eq!(got, sent);
    }

    #[test]
    fn wake_ups_are_immediate_in_bursts_and_two_milliseconds_apart_under_load(
        pauses in prop::collection::vec(0u64..3_000, 1..300),
    ) {
        let (mut limiter, start) = (WakeLimiter::default(), Instant::now());
        let mut now = start;
        for (at, pause) in pauses.iter().enumerate() {
            now += Duration::from_micros(*pause);
            let wait = limiter.take(now);
            prop_assert!(at >= 8 || wait.is_zero(), "the first eight wake-ups are immediate");
            prop_assert!(wait <= Duration::from_millis(2));
            // The next wake-up is not requested before this one was sent.
            now += wait;
            let most = 8.0 + (now - start).as_secs_f64() * 500.0 + 1e-6;
            prop_assert!((at + 1) as f64 <= most, "{} wake-ups in {:?}", at + 1, now - start);
        }
        prop_assert_eq!(limiter.take(now + Duration::from_millis(18)), Duration::ZERO);
    }
}
