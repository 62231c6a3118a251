//! Embeddings as binary numbers. Base64 is a third of the size of decimal numbers, and V8 would need a number object for each
//! of them; JavaScript gets one array of 32-bit floats instead.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::{Error, ErrorKind};
use crate::json::{self, Object};

/// The embeddings of an answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Vectors {
    /// The answer as JSON text, with the number of floats in place of each embedding.
    pub json: String,
    /// The floats of all embeddings, little-endian, in the order of `data`.
    pub floats: Vec<u8>,
}

/// Takes the embeddings out of an answer, in which they are base64 or lists of numbers.
pub fn vectors(answer: &str) -> Result<Vectors, Error> {
    let mut fields = Object::parse(answer).ok_or_else(|| malformed("the answer is not a JSON object"))?;
    let items = fields
        .present("data")
        .and_then(json::array)
        .ok_or_else(|| malformed("it has no list of embeddings"))?;
    let (mut floats, mut data) = (Vec::new(), Vec::with_capacity(items.len()));
    for item in items {
        let mut item = Object::parse(item).ok_or_else(|| malformed("an embedding is not an object"))?;
        let before = floats.len();
        push_floats(item.present("embedding").unwrap_or_default(), &mut floats)?;
        let count = ((floats.len() - before) / size_of::<f32>()).to_string();
        item.set("embedding", &count);
        data.push(item.to_json());
    }
    let data = format!("[{}]", data.join(","));
    fields.set("data", &data);
    Ok(Vectors {
        json: fields.to_json(),
        floats,
    })
}

fn push_floats(embedding: &str, floats: &mut Vec<u8>) -> Result<(), Error> {
    let before = floats.len();
    if let Some(text) = json::string(embedding) {
        STANDARD
            .decode_vec(text.as_bytes(), floats)
            .map_err(|_| malformed("an embedding is not base64"))?;
        return match (floats.len() - before).is_multiple_of(size_of::<f32>()) {
            true => Ok(()),
            false => Err(malformed("an embedding is not a list of 32-bit floats")),
        };
    }
    let numbers =
        json::array(embedding).ok_or_else(|| malformed("an embedding is neither base64 nor a list"))?;
    for number in numbers {
        let number: f32 = number
            .trim()
            .parse()
            .map_err(|_| malformed("an embedding holds something else than numbers"))?;
        floats.extend_from_slice(&number.to_le_bytes());
    }
    Ok(())
}

fn malformed(what: &str) -> Error {
    Error::new(
        ErrorKind::MalformedResponse,
        format!("OpenRouter answered with embeddings that cannot be read: {what}. Check baseURL."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_and_lists_become_the_same_floats() {
        let answer = r#"{"object":"list","data":[{"index":0,"embedding":"AACAPwAAAMA="},{"index":1,"embedding":[1.0, -2]}],"usage":{"cost":1}}"#;
        let Vectors { json, floats } = vectors(answer).unwrap();
        assert_eq!(
            json,
            r#"{"object":"list","data":[{"index":0,"embedding":2},{"index":1,"embedding":2}],"usage":{"cost":1}}"#
        );
        let numbers: Vec<f32> = floats
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes(four.try_into().unwrap()))
            .collect();
        assert_eq!(numbers, [1.0, -2.0, 1.0, -2.0]);
    }

    #[test]
    fn what_is_no_embedding_is_an_error() {
        for data in [
            "1",
            r#"[{"embedding":"AACA"}]"#,
            r#"[{"embedding":"!"}]"#,
            r#"[{"embedding":{}}]"#,
            r#"[{"embedding":["x"]}]"#,
            "[1]",
            "[{}]",
        ] {
            let error = vectors(&format!(r#"{{"data":{data}}}"#)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::MalformedResponse, "{data}");
        }
    }
}
