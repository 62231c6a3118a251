//! Which certificate authorities are trusted: those of the system, the bundled ones, and those that the environment and the
//! option `ca` add, all together. TLS then works in a container image without a certificate store, and in a network that
//! inspects TLS.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::certificates::Verifier;
use crate::error::{Error, ErrorKind, invalid_option};

/// Where additional authorities come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Roots {
    /// The PEM texts of the option `ca`.
    pub extra: Vec<String>,
    /// The file that `NODE_EXTRA_CA_CERTS` names.
    pub node_extra_ca_certs: Option<String>,
    /// The file that `SSL_CERT_FILE` names.
    pub ssl_cert_file: Option<String>,
    /// The folder that `SSL_CERT_DIR` names.
    pub ssl_cert_dir: Option<String>,
}

/// Returns the TLS settings of a pool. It reads files, so it must not run on the JavaScript thread or the network thread.
pub fn client_config(roots: &Roots) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let (authorities, given) = trusted(roots)?;
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(authorities), provider.clone())
        .build()
        .map_err(|error| failed(error.to_string()))?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier {
            authorities: verifier,
            given,
        }))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn failed(cause: String) -> Error {
    Error::new(
        ErrorKind::TlsError,
        "TLS could not be set up. Check the certificates that ca, NODE_EXTRA_CA_CERTS and SSL_CERT_FILE name.",
    )
    .with_cause(cause)
}

/// The files in which Unix systems keep all of their authorities, most common first (after Go's `crypto/x509`).
const BUNDLES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Returns the authorities of the system if `load_native_certs` leaves them out, which it does if `SSL_CERT_FILE` or
/// `SSL_CERT_DIR` of the process names others.
fn left_out() -> Vec<CertificateDer<'static>> {
    let is_replaced = ["SSL_CERT_FILE", "SSL_CERT_DIR"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    let bundle = BUNDLES.iter().map(Path::new).find(|path| path.exists());
    match bundle.filter(|_| is_replaced) {
        Some(bundle) => rustls_native_certs::load_certs_from_paths(Some(bundle), None).certs,
        None => Vec::new(),
    }
}

/// Returns all authorities, and the certificates that the user gave.
fn trusted(roots: &Roots) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), Error> {
    let mut store = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    // Ignore errors of the system's store, because the bundled authorities remain.
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    store.add_parsable_certificates(left_out());
    let mut given = Vec::new();
    let file = roots.ssl_cert_file.as_deref().map(Path::new);
    let dir = roots.ssl_cert_dir.as_deref().map(Path::new);
    if file.is_some() || dir.is_some() {
        given.extend(rustls_native_certs::load_certs_from_paths(file, dir).certs);
    }
    if let Some(pem) = roots
        .node_extra_ca_certs
        .as_deref()
        .and_then(|path| std::fs::read(path).ok())
    {
        given.extend(CertificateDer::pem_slice_iter(&pem).flatten());
    }
    store.add_parsable_certificates(given.iter().cloned());
    for pem in &roots.extra {
        given.extend(add(pem, &mut store)?);
    }
    Ok((store, given))
}

/// Adds the certificates of a PEM text of the option `ca` to `store`, and returns them.
fn add(pem: &str, store: &mut RootCertStore) -> Result<Vec<CertificateDer<'static>>, Error> {
    let wrong = || invalid_option("ca", "PEM certificates (-----BEGIN CERTIFICATE-----)");
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| wrong())?;
    match store.add_parsable_certificates(certificates.iter().cloned()) {
        (0, _) => Err(wrong()),
        _ => Ok(certificates),
    }
}

/// Checks the PEM texts of the option `ca`. The texts that were checked last are remembered, because a server makes a client
/// with the same texts for each request.
///
/// # Errors
/// `invalid_option` if a text has no certificate that can be used.
pub fn check(pems: &[String]) -> Result<(), Error> {
    static CHECKED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    if pems.is_empty() {
        return Ok(());
    }
    let mut checked = CHECKED.lock().unwrap_or_else(PoisonError::into_inner);
    if *checked == pems {
        return Ok(());
    }
    let mut store = RootCertStore::empty();
    for pem in pems {
        add(pem, &mut store)?;
    }
    *checked = pems.to_vec();
    Ok(())
}
