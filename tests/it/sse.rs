//! The parser of event streams, through its public interface.

use openrouter_native::sse::{self, EventTooLarge, Framer};
use proptest::prelude::*;

const LIMIT: usize = 64 << 20;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Event {
    Data(Option<String>, String),
    Done,
}

use Event::Done;

fn data(data: &str) -> Event {
    Event::Data(None, data.to_owned())
}

fn named(name: &str, data: &str) -> Event {
    Event::Data(Some(name.to_owned()), data.to_owned())
}

fn owned(event: sse::Event<'_>) -> Event {
    match event {
        sse::Event::Data { name, data } => Event::Data(name.map(Into::into), data.into_owned()),
        sse::Event::Done => Done,
    }
}

/// Parses a stream that arrives in these reads. Returns its events, the number of its comments, and the failure.
fn read<'a>(
    reads: impl IntoIterator<Item = &'a [u8]>,
    limit: usize,
) -> (Vec<Event>, u64, Option<EventTooLarge>) {
    let (mut framer, mut events) = (Framer::new(limit), Vec::new());
    for read in reads {
        framer.push(read);
        loop {
            match framer.next() {
                Ok(Some(event)) => events.push(owned(event)),
                Ok(None) => break,
                Err(error) => return (events, framer.comments(), Some(error)),
            }
        }
    }
    while let Some(event) = framer.finish() {
        events.push(owned(event));
    }
    (events, framer.comments(), None)
}

/// Parses a stream as a whole, byte by byte and cut at each offset, and compares each result with the expected one. The
/// reference parser must agree, too.
#[track_caller]
fn check(stream: impl AsRef<[u8]>, events: &[Event], comments: u64) {
    let stream = stream.as_ref();
    let expected = (events.to_vec(), comments, None);
    assert_eq!(read([stream], LIMIT), expected, "whole");
    assert_eq!(read(stream.chunks(1), LIMIT), expected, "byte by byte");
    for cut in 0..=stream.len() {
        let (head, tail) = stream.split_at(cut);
        assert_eq!(read([head, tail], LIMIT), expected, "cut at {cut}");
    }
    assert_eq!(reference(stream), (events.to_vec(), comments), "reference");
}

/// An independent parser: the algorithm of the WHATWG standard, character by character over the whole stream, then this
/// client's own rules.
fn reference(stream: &[u8]) -> (Vec<Event>, u64) {
    let text = String::from_utf8_lossy(stream);
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    let (mut lines, mut line, mut chars) = (Vec::new(), String::new(), text.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '\r' | '\n' => {
                if c == '\r' && chars.peek() == Some(&'\n') {
                    chars.next();
                }
                lines.push(std::mem::take(&mut line));
            }
            _ => line.push(c),
        }
    }
    // Unlike the standard, an event that the end of the stream cuts off is read.
    lines.extend([line, String::new()]);

    let (mut events, mut comments) = (Vec::new(), 0);
    let (mut name, mut buffer) = (String::new(), String::new());
    for line in lines {
        if line.is_empty() {
            let (name, buffer) = (std::mem::take(&mut name), std::mem::take(&mut buffer));
            let value = buffer.strip_suffix('\n').unwrap_or(&buffer);
            let name = Some(name).filter(|name| !name.is_empty() && name != "message");
            match value.trim_matches(|c: char| c.is_ascii_whitespace()) {
                "" => {}
                "[DONE]" => events.push(Done),
                text if text.starts_with(':') => comments += 1,
                _ => events.push(Event::Data(name, value.to_owned())),
            }
        } else if line.starts_with(':') {
            comments += 1;
        } else {
            let (field, value) = line.split_once(':').unwrap_or((&line, ""));
            match (field, value.strip_prefix(' ').unwrap_or(value)) {
                ("data", value) => buffer.extend([value, "\n"]),
                ("event", value) => name = value.to_owned(),
                _ => {}
            }
        }
    }
    (events, comments)
}

// Lines, fields and event boundaries.

#[test]
fn each_line_end_and_any_mix_of_line_ends_give_the_same_events() {
    let events = [data("one"), data("two\nthree"), Done];
    let lines = [
        "data: one",
        "",
        "data: two",
        "data: three",
        "",
        "data: [DONE]",
        "",
    ];
    for end in ["\n", "\r", "\r\n"] {
        let stream: String = lines.iter().flat_map(|line| [line, end]).collect();
        check(stream, &events, 0);
    }
    for mix in 0..3_usize.pow(lines.len() as u32) {
        let end = |line: usize| ["\n", "\r", "\r\n"][mix / 3_usize.pow(line as u32) % 3];
        // CR and LF in a row are one line end, so such a mix would lose a blank line.
        if (1..lines.len()).any(|l| lines[l].is_empty() && end(l - 1) == "\r" && end(l) == "\n") {
            continue;
        }
        let stream: Vec<u8> = lines
            .iter()
            .enumerate()
            .flat_map(|(line, text)| [*text, end(line)].concat().into_bytes())
            .collect();
        let expected = (events.to_vec(), 0, None);
        assert_eq!(read([&stream[..]], LIMIT), expected);
        assert_eq!(read(stream.chunks(1), LIMIT), expected);
    }
}

#[test]
fn an_event_is_returned_as_soon_as_its_blank_line_is_recognised() {
    for stream in ["data: x\n\n", "data: x\r\r", "data: x\r\n\r", "data: x\n\r"] {
        let mut framer = Framer::new(LIMIT);
        framer.push(stream.as_bytes());
        assert_eq!(framer.next().unwrap().map(owned), Some(data("x")), "{stream:?}");
    }
}

#[test]
fn one_space_after_the_colon_is_optional_and_removed() {
    check("data:x\n\n", &[data("x")], 0);
    check("data: x\n\n", &[data("x")], 0);
    check("data:  x \n\n", &[data(" x ")], 0);
    check("data:\tx\n\n", &[data("\tx")], 0);
}

#[test]
fn several_data_lines_form_one_event() {
    check("data: {\ndata:\ndata\ndata: }\n\n", &[data("{\n\n\n}")], 0);
    check(
        "data: a\nid: 1\n: c\ndata:b\n\ndata: c\n\n",
        &[data("a\nb"), data("c")],
        1,
    );
}

#[test]
fn many_events_in_one_read_are_returned_separately() {
    let stream: String = (0..50).map(|n| format!("data: {n}\n\n")).collect();
    let events: Vec<_> = (0..50).map(|n| data(&n.to_string())).collect();
    check(stream, &events, 0);
}

#[test]
fn unknown_fields_are_ignored() {
    check(
        "id: 1\nretry: 5\nfoo: bar\nDATA: y\ndata2: z\ndata : w\n\n",
        &[],
        0,
    );
    check("id: 1\0\nretry: x\nfoo\ndata: x\n data: y\n\n", &[data("x")], 0);
}

#[test]
fn an_event_name_applies_to_its_own_event_only() {
    let stream = "event: error\ndata: {}\n\ndata: a\n\nevent: gone\n\ndata: b\n\n";
    check(stream, &[named("error", "{}"), data("a"), data("b")], 0);
    check(
        "event: message\ndata: a\n\nevent:\ndata: b\n\n",
        &[data("a"), data("b")],
        0,
    );
    check("event: x\nevent: y\ndata: a\n\n", &[named("y", "a")], 0);
}

#[test]
fn empty_data_and_empty_blocks_give_no_events() {
    check(
        "\n\n\ndata:\n\ndata\n\ndata: \n\ndata:\ndata:\n\n\ndata: x\n\n",
        &[data("x")],
        0,
    );
    check("", &[], 0);
    check("\r\n\r\n\r\r\n\n", &[], 0);
}

#[test]
fn an_event_without_a_final_blank_line_is_read_at_the_end_of_the_stream() {
    for end in ["", "\n", "\r", "\r\n", "\n\n", "\r\r", "\r\n\r"] {
        check(format!("data: a\n\ndata: b{end}"), &[data("a"), data("b")], 0);
        check(format!("event: e\ndata: b{end}"), &[named("e", "b")], 0);
        check(format!("data: [DONE]{end}"), &[Done], 0);
        check(format!(": bye{end}"), &[], 1);
    }
    check("data: a\n: bye", &[data("a")], 1);
    check("data: a\ndat", &[data("a")], 0);
}

#[test]
fn finish_returns_whole_events_that_next_has_not_returned() {
    let mut framer = Framer::new(LIMIT);
    framer.push(b"data: a\n\ndata: b\n\ndata: c");
    for expected in ["a", "b", "c"] {
        assert_eq!(framer.finish().map(owned), Some(data(expected)));
    }
    assert_eq!(framer.finish(), None);
    assert_eq!(framer.finish(), None);
}

// Keep-alive comments.

#[test]
fn comments_anywhere_are_counted_and_do_not_change_the_events() {
    let stream = ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\ndata: {\"a\":1}\n\n:\n\
                  : OPENROUTER PROCESSING\n\ndata: {\"b\":\n: OPENROUTER PROCESSING\ndata: 2}\n\n\
                  :x\ndata: {\"c\":3}\n:y\n\ndata: [DONE]\n\n: OPENROUTER PROCESSING\n\n";
    let events = [data("{\"a\":1}"), data("{\"b\":\n2}"), data("{\"c\":3}"), Done];
    check(stream, &events, 8);
    check(stream.replace('\n', "\r\n"), &events, 8);
}

#[test]
fn comments_that_a_gateway_has_wrapped_in_data_are_comments() {
    let stream = "data: : OPENROUTER PROCESSING\n\ndata: a\n\ndata:: x\r\n\r\ndata: :\n\ndata: [DONE]\n\n";
    check(stream, &[data("a"), Done], 3);
}

#[test]
fn comments_without_blank_lines_do_not_count_towards_the_event_limit() {
    let mut framer = Framer::new(100);
    for _ in 0..10_000 {
        framer.push(b": OPENROUTER PROCESSING\n");
        assert_eq!(framer.next(), Ok(None));
    }
    framer.push(b"data: x\n\n");
    assert_eq!(framer.next().unwrap().map(owned), Some(data("x")));
    assert_eq!(framer.comments(), 10_000);
}

// The end mark `[DONE]`.

#[test]
fn done_is_recognised_with_any_spacing_and_events_after_it_are_read() {
    check("data: [DONE]\n\n", &[Done], 0);
    check("data:[DONE]\r\n\r\n", &[Done], 0);
    check("data:  [DONE] \n\n", &[Done], 0);
    check(
        "data: [DONE]\n\ndata: {\"usage\":{}}\n\n",
        &[Done, data("{\"usage\":{}}")],
        0,
    );
    check("data: \"[DONE]\"\n\n", &[data("\"[DONE]\"")], 0);
}

// Byte order marks.

#[test]
fn a_bom_at_the_start_is_removed_wherever_it_is_cut() {
    check("\u{FEFF}data: x\n\n", &[data("x")], 0);
    check("\u{FEFF}event: e\r\ndata: x\r\n\r\n", &[named("e", "x")], 0);
    check("\u{FEFF}: c\n\n", &[], 1);
    check("\u{FEFF}", &[], 0);
}

#[test]
fn a_bom_elsewhere_is_an_ordinary_character() {
    check("data: \u{FEFF}a\u{FEFF}b\n\n", &[data("\u{FEFF}a\u{FEFF}b")], 0);
    check(
        "data: a\n\n\u{FEFF}data: lost\n\n\u{FEFF}x\ndata: b\n\n",
        &[data("a"), data("b")],
        0,
    );
    check("\u{FEFF}\u{FEFF}data: lost\n\ndata: a\n\n", &[data("a")], 0);
    check(b"\xEF\xBBdata: lost\n\ndata: a\n\n", &[data("a")], 0);
    check(b"\xEF\xBB", &[], 0);
}

// Characters that are cut by the network.

#[test]
fn multi_byte_text_survives_a_cut_at_every_byte() {
    let corpus = "Привет, мир! 你好，世界。日本語 한국어 👩‍👩‍👧‍👦 🏳️‍🌈 e\u{301} \u{10FFFF} \u{2028}\u{85}";
    check(format!("data: {corpus}\n\n"), &[data(corpus)], 0);
    check(
        format!("data: {corpus}\r\ndata: {corpus}"),
        &[data(&format!("{corpus}\n{corpus}"))],
        0,
    );
}

#[test]
fn invalid_utf8_is_replaced_and_does_not_affect_other_events() {
    check(
        b"data: a\xFFb\xF0\x9F\x98\n\ndata: c\n\n",
        &[data("a\u{FFFD}b\u{FFFD}"), data("c")],
        0,
    );
    check(
        b"data: a\xE2\x82\r\n\r\ndata: \xC3",
        &[data("a\u{FFFD}"), data("\u{FFFD}")],
        0,
    );
}

// Large events.

#[test]
fn an_event_of_eight_megabytes_is_returned_whole_from_reads_of_any_size() {
    let payload = "0123456789abcdef".repeat(512 * 1024);
    for (end, sizes) in [
        ("\n\n", &[1, 1_460, 65_536, usize::MAX][..]),
        ("\r\n\r\n", &[1_460, usize::MAX]),
        ("", &[1_460, usize::MAX]),
    ] {
        let stream = format!("data: {payload}{end}");
        for size in sizes {
            let (events, ..) = read(stream.as_bytes().chunks(*size), LIMIT);
            assert!(events == [data(&payload)], "ended by {end:?}, reads of {size}");
        }
    }
}

#[test]
fn a_million_data_lines_form_one_event() {
    let stream = "data:\n".repeat(1_000_000) + "data: x\n\n";
    let (events, ..) = read(stream.as_bytes().chunks(1_460), LIMIT);
    assert!(events == [data(&("\n".repeat(1_000_000) + "x"))]);
}

#[test]
fn a_hundred_thousand_events_in_one_read_are_all_returned() {
    let stream = "data: {}\n\n".repeat(100_000);
    assert_eq!(read([stream.as_bytes()], LIMIT).0.len(), 100_000);
}

// The size limit of one event.

#[test]
fn an_event_over_the_limit_fails_after_the_events_before_it_wherever_it_is_cut() {
    let fits = format!("data: {}\n\n", "x".repeat(92));
    assert_eq!(fits.len(), 100);
    check(&fits, &[data(&"x".repeat(92))], 0);
    let error = Some(EventTooLarge { limit: 100 });
    for large in [
        format!("data: {}\n\n", "x".repeat(93)),
        format!("data: {}\r\n\r\n", "x".repeat(92)),
        format!("data: {}", "x".repeat(1_000)),
        format!(": {}", "x".repeat(1_000)),
        "data: x\n".repeat(13),
        "id: 1\r\n".repeat(20),
        "x".repeat(101),
    ] {
        let stream = format!("{fits}{fits}{large}");
        for size in [1, 2, 3, 10, 100, 101, 5_000] {
            let (events, _, failed) = read(stream.as_bytes().chunks(size), 100);
            assert_eq!((events.len(), failed), (2, error), "{large} in reads of {size}");
        }
    }
}

#[test]
fn a_failed_framer_stays_failed() {
    let mut framer = Framer::new(10);
    framer.push(b"data: 0123456789");
    let error = EventTooLarge { limit: 10 };
    assert_eq!(framer.next(), Err(error));
    framer.push(b"\n\ndata: x\n\n");
    assert_eq!(framer.next(), Err(error));
    assert_eq!(framer.finish(), None);
    assert_eq!(error.to_string(), "a stream event is larger than 10 bytes");
}

/// Streams of valid and malformed pieces in any order.
fn streams() -> impl Strategy<Value = Vec<u8>> {
    let words = "data:|data: |data|event: error|event:|id: 1\0|retry: 5|:|: | |x|\t|\0|ж|👩\u{200D}|\u{FEFF}|\
                 \n|\n|\n\n|\r|\r\n|\r\n\r\n|[DONE]|{\"a\":1}";
    let words: Vec<_> = words.split('|').map(|word| word.as_bytes().to_vec()).collect();
    let word = prop_oneof![
        8 => proptest::sample::select(words),
        1 => proptest::sample::select(b"\xEF\xBB\xBF\xFF\xF0".chunks(1).map(<[u8]>::to_vec).collect::<Vec<_>>()),
        1 => proptest::collection::vec(any::<u8>(), 1..4),
    ];
    proptest::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

/// The reads that result from cutting `stream` at these offsets.
fn cut<'a>(stream: &'a [u8], cuts: &[proptest::sample::Index]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
    cuts.extend([0, stream.len()]);
    cuts.sort_unstable();
    let reads = cuts.iter().zip(cuts.iter().skip(1));
    reads.filter_map(|(from, to)| stream.get(*from..*to)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cuts_do_not_change_the_events_of_any_stream(
        stream in streams(),
        cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..12),
        limit in prop_oneof![Just(LIMIT), 3..60_usize],
    ) {
        prop_assert_eq!(read(cut(&stream, &cuts), limit), read([&stream[..]], limit));
    }

    #[test]
    fn any_bytes_give_the_events_of_the_reference_parser(
        stream in prop_oneof![4 => streams(), 1 => proptest::collection::vec(any::<u8>(), 0..200)],
        cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..12),
    ) {
        let (events, comments, failed) = read(cut(&stream, &cuts), LIMIT);
        prop_assert_eq!(failed, None);
        prop_assert_eq!((events, comments), reference(&stream));
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        reads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..20),
        limit in 0..200_usize,
    ) {
        read(reads.iter().map(Vec::as_slice), limit);
    }
}
