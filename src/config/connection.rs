//! The options of how the API is reached: proxies, authorities, warm connections and network threads.

use std::time::Duration;

use super::Timeouts;
use super::environment::Env;
use super::options::{Options, wrong};
use crate::error::{Error, invalid_option};
use crate::runtime::threads;
use crate::transport::Settings;
use crate::transport::proxy::ProxyRules;
use crate::transport::tls::{self, Roots};

/// The default of `keepWarm`, in milliseconds.
const KEEP_WARM: usize = 300_000;

/// Returns the connection settings.
pub fn connection(options: &Options, env: &Env<'_>, timeouts: &Timeouts) -> Result<Settings, Error> {
    Ok(Settings {
        proxy: ProxyRules::resolve(options.string("proxy")?.as_deref(), |name| env.get(name))?,
        roots: Roots {
            extra: authorities(options)?,
            node_extra_ca_certs: env.get("NODE_EXTRA_CA_CERTS"),
            ssl_cert_file: env.get("SSL_CERT_FILE"),
            ssl_cert_dir: env.get("SSL_CERT_DIR"),
        },
        connect_timeout: timeouts.connect,
    })
}

/// Returns for how long after a chat a connection is kept ready.
pub fn keep_warm(options: &Options) -> Result<Duration, Error> {
    let millis = options.count("keepWarm")?.unwrap_or(KEEP_WARM);
    // A year is as good as any longer time, and cannot overflow when it is added to a point in time.
    Ok(Duration::from_millis(millis.try_into().unwrap_or(u64::MAX)).min(Duration::from_secs(31_536_000)))
}

/// Returns the PEM texts of the option `ca`.
fn authorities(options: &Options) -> Result<Vec<String>, Error> {
    let pems = options.strings("ca")?;
    if pems
        .iter()
        .any(|pem| !pem.contains("-----") && !pem.contains('\n'))
    {
        return Err(invalid_option(
            "ca",
            "the text of a PEM file, not its path: fs.readFileSync(path, 'utf8')",
        ));
    }
    tls::check(&pems)?;
    Ok(pems)
}

/// Returns how many network threads the options ask for.
pub fn network_threads(options: &Options) -> Result<Option<usize>, Error> {
    match options.count("networkThreads")? {
        Some(count) if !(1..=threads::MOST).contains(&count) => Err(wrong("networkThreads")),
        count => Ok(count),
    }
}
