//! The native half of `fetch`.

use napi::bindgen_prelude::{Either, Uint8Array};
use napi_derive::napi;

use super::call::NativeCall;
use super::hub::NativeHub;
use super::strings::bytes_of;
use crate::call::Call;
use crate::config;
use crate::fetch::{FetchRequest, Fetcher};
use crate::observe::Observer;
use crate::transport::redirect::Redirects;

/// A `fetch::Fetcher` for JavaScript.
#[napi]
pub struct NativeFetcher {
    fetcher: Fetcher,
}

/// Creates a `fetch`. `options` and `env` (the environment variables) are JSON texts. `observe_chats` says whether a
/// callback such as `onUsage` is set, for which responses must be read. Returns the error as JSON text if an option is
/// invalid.
#[napi(catch_unwind)]
pub fn create_fetcher(options: String, observe_chats: bool, env: String) -> Either<NativeFetcher, String> {
    match Fetcher::new(&options, observe_chats, &config::variables(&env)) {
        Ok(fetcher) => Either::A(NativeFetcher { fetcher }),
        Err(error) => Either::B(error.to_json()),
    }
}

#[napi]
impl NativeFetcher {
    /// Starts a request. In `headers` each name is followed by its value. `follow` says whether redirects are followed.
    /// `context` is the number of its async context if the diagnostics channels have subscribers, else 0.
    #[napi(catch_unwind)]
    #[allow(
        clippy::too_many_arguments,
        reason = "passing an object to the addon would cost more"
    )]
    pub fn fetch(
        &self,
        hub: &NativeHub,
        method: String,
        url: String,
        headers: Vec<String>,
        body: Option<Either<String, Uint8Array>>,
        follow: bool,
        context: u32,
    ) -> Either<NativeCall, String> {
        let body = bytes_of(body);
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
            observer: Observer::new(hub.hub.clone(), 0, context, context != 0),
        };
        NativeCall::from(Call::fetch(&hub.hub, self.fetcher.clone(), request))
    }

    /// Starts opening a connection to the host of `url` ahead.
    #[napi(catch_unwind)]
    pub fn connect(&self, hub: &NativeHub, url: String) -> Either<NativeCall, String> {
        let fetcher = self.fetcher.clone();
        let work = async move { fetcher.connect(&url).await.map(|()| "null".to_owned()) };
        NativeCall::from(Call::single(&hub.hub, work))
    }

    /// Begins to open a connection to the host of `url`, if it is reached over TLS and a connection is kept ready. A failure is
    /// not reported.
    #[napi(catch_unwind)]
    pub fn prewarm(&self, url: String) {
        self.fetcher.prewarm(&url);
    }
}
