//! The response to a request.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt, Either, Full};
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};

use crate::body::Pieces;
use crate::embeddings;
use crate::events::{Shape, frames};
use crate::models;
use crate::plan::Plan;

/// The response to a chat that is not streamed.
const COMPLETION: &str = concat!(
    r#"{"id":"gen-1763164800-b7QxV2nKfYw3uPz9TeLh","object":"chat.completion","created":1763164800,"model":"openai/gpt-5-mini","#,
    r#""provider":"OpenAI","choices":[{"index":0,"message":{"role":"assistant","content":"Blue."},"finish_reason":"stop","#,
    r#""native_finish_reason":"stop","logprobs":null}],"usage":{"prompt_tokens":250000,"completion_tokens":2,"total_tokens":250002}}"#
);

type Answer = Response<Either<Full<Bytes>, Pieces>>;

/// Reads the whole request, then responds to it.
pub async fn reply(request: Request<Incoming>) -> Result<Answer, Infallible> {
    let plan = Plan::of(request.uri().path());
    let path = request.uri().path();
    let is_post = request.method() == Method::POST;
    let shape = Shape::of(path).filter(|_| is_post);
    let is_embeddings = is_post && path.ends_with("/embeddings");
    let is_models = path.ends_with("/models");
    let mut body = request.into_body();
    while let Some(Ok(_)) = body.frame().await {}
    let json = |body| answer(StatusCode::OK, "application/json", Either::Left(Full::new(body)));
    Ok(match shape {
        Some(shape) if plan.events + plan.image > 0 || plan.idle => {
            let pieces = Pieces::new(frames(plan, shape), plan);
            answer(StatusCode::OK, "text/event-stream", Either::Right(pieces))
        }
        Some(_) => answer(StatusCode::OK, "application/json", whole(COMPLETION)),
        None if is_embeddings => json(embeddings::list(plan.embeddings)),
        None if is_models => json(models::list()),
        None => answer(StatusCode::NOT_FOUND, "application/json", whole("{}")),
    })
}

fn whole(text: &'static str) -> Either<Full<Bytes>, Pieces> {
    Either::Left(Full::new(Bytes::from_static(text.as_bytes())))
}

fn answer(status: StatusCode, kind: &'static str, body: Either<Full<Bytes>, Pieces>) -> Answer {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let kind = hyper::header::HeaderValue::from_static(kind);
    response.headers_mut().insert(hyper::header::CONTENT_TYPE, kind);
    response
}
