//! `fetch`'s native half.

use napi::bindgen_prelude::{Either, Uint8Array};
use napi_derive::napi;

use super::call::NativeCall;
use super::hub::NativeHub;
use crate::call::Call;
use crate::config;
use crate::fetch::{FetchRequest, Fetcher};
use crate::observe::Observer;
use crate::transport::redirect::Redirects;

/// See `fetch::Fetcher`.
#[napi]
pub struct NativeFetcher {
    fetcher: Fetcher,
}

/// Makes a `fetch`. `options` and `env`, the environment, are JSON texts, `observe_chats` says whether somebody wants to know
/// what chats tell. Gives the error as JSON text where an option is wrong.
#[napi(catch_unwind)]
pub fn create_fetcher(options: String, observe_chats: bool, env: String) -> Either<NativeFetcher, String> {
    match Fetcher::new(&options, observe_chats, &config::variables(&env)) {
        Ok(fetcher) => Either::A(NativeFetcher { fetcher }),
        Err(error) => Either::B(error.to_json()),
    }
}

#[napi]
impl NativeFetcher {
    /// Starts a request; `headers` are names and values in turn, `call` is the number of the call for those who hear of
    /// it (0 for none).
    #[napi(catch_unwind)]
    #[allow(
        clippy::too_many_arguments,
        reason = "each crosses as it is: an object would cost more"
    )]
    pub fn fetch(
        &self,
        hub: &NativeHub,
        method: String,
        url: String,
        headers: Vec<String>,
        body: Option<Either<String, Uint8Array>>,
        follow: bool,
        call: u32,
    ) -> Either<NativeCall, String> {
        let body = match body {
            None => bytes::Bytes::new(),
            Some(Either::A(text)) => text.into(),
            Some(Either::B(bytes)) => bytes.to_vec().into(),
        };
        let redirects = if follow {
            Redirects::Follow
        } else {
            Redirects::Manual
        };
        let request = FetchRequest {
            method,
            url,
            headers,
            body,
            redirects,
            observer: Observer::new(hub.hub.clone(), 0, call),
        };
        NativeCall::from(Call::fetch(&hub.hub, self.fetcher.clone(), request))
    }
}
