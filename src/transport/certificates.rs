//! Checks the certificates of servers. Beside the usual way, through an authority, a certificate is trusted that the user
//! gave as it is (`ca`, `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`, `SSL_CERT_DIR`), as Node trusts it: the certificates that
//! `openssl req -x509` makes are authorities and servers at once, which the usual way refuses.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};

use super::connections::record_verification;

/// How to make a certificate that is accepted.
const HOW_TO: &str = "openssl req -x509 -newkey rsa:2048 -nodes -days 365 -keyout key.pem -out cert.pem -subj /CN=HOST \
                      -addext subjectAltName=DNS:HOST (or IP:ADDRESS)";

/// Trusts what `authorities` trusts, and the `given` certificates themselves.
#[derive(Debug)]
pub struct Verifier {
    pub authorities: Arc<WebPkiServerVerifier>,
    pub given: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        record_verification();
        let verified =
            self.authorities
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let Err(error) = &verified else {
            return verified;
        };
        // The check of the validity comes before these two errors, so that an expired certificate has another one.
        let is_untrusted_only = is_authority_as_server(error)
            || matches!(error, Error::InvalidCertificate(CertificateError::UnknownIssuer));
        if !is_untrusted_only || !self.given.iter().any(|given| given == end_entity) {
            return verified;
        }
        verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.authorities.supported_verify_schemes()
    }
}

/// Returns why no secure connection to `host` could be made, and what to do.
pub fn explain(error: &Error, host: &str) -> String {
    let reason = match error {
        Error::InvalidCertificate(reason) => reason,
        _ => {
            return format!(
                "No secure connection to {host} could be made. Check that baseURL and the proxy are addresses of servers \
                 that speak TLS."
            );
        }
    };
    let (why, what_to_do) = match reason {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
            "its certificate has expired",
            "Check the clock of this machine, or renew the certificate.".to_owned(),
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
            "its certificate is not valid yet",
            "Check the clock of this machine.".to_owned(),
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            "its certificate is for another host",
            format!(
                "Its subjectAltName must contain the host of baseURL, since a name in CN does not count. One is made by: \
                 {HOW_TO}"
            ),
        ),
        CertificateError::UnknownIssuer => (
            "its certificate is of an unknown authority",
            "Behind a proxy that inspects TLS, give its certificate with the ca option or NODE_EXTRA_CA_CERTS.".to_owned(),
        ),
        _ if is_authority_as_server(error) => (
            "its certificate is self-signed",
            "If it is yours, give exactly this certificate with the ca option or NODE_EXTRA_CA_CERTS.".to_owned(),
        ),
        _ => (
            "its certificate cannot be accepted",
            format!("One that can is made by: {HOW_TO}"),
        ),
    };
    format!("No secure connection to {host} could be made: {why}. {what_to_do}")
}

/// Whether a certificate was refused only because it is that of an authority, not of a server.
fn is_authority_as_server(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidCertificate(CertificateError::Other(OtherError(other)))
            if matches!(other.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
    )
}
