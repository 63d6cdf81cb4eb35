//! TLS and server authentication of PostgreSQL connections, by the `sslmode` of the URL.

use std::sync::Arc;

use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The SSL mode. The values are those of libpq.
#[derive(Debug)]
pub(super) enum SslMode {
    /// `disable`: no TLS.
    Disable,
    /// `prefer`, the default: TLS if the server offers it, without authentication.
    Prefer,
    /// `require`: TLS without authentication. It prevents eavesdropping, but not a man in the middle.
    Require,
    /// `verify-full`: TLS, and a certificate for the server's name that one of these authorities has
    /// signed.
    VerifyFull(Box<RootCertStore>),
}

impl SslMode {
    /// Removes the TLS parameters from the URL, because the rest of it is parsed by a library that does
    /// not know them.
    pub(super) fn take_from(url: &str) -> Result<(String, Self), String> {
        // A password may contain a question mark.
        let after_password = url.find('@').unwrap_or(0);
        let Some(question) = url[after_password..].find('?').map(|place| after_password + place) else {
            return Ok((url.to_owned(), Self::Prefer));
        };
        let (mut mode, mut roots) = (None, None);
        let mut rest = Vec::new();
        for part in url[question + 1..].split('&') {
            // In a PostgreSQL URL a plus sign stands for itself.
            let plain = part.replace('+', "%2B");
            match url::form_urlencoded::parse(plain.as_bytes()).next() {
                Some((name, value)) if name == "sslmode" => mode = Some(value.into_owned()),
                Some((name, value)) if name == "sslrootcert" => roots = Some(value.into_owned()),
                _ => rest.push(part),
            }
        }
        let trust = match (mode.as_deref(), roots) {
            (Some("verify-full"), roots) => Self::VerifyFull(Box::new(certificates(roots.as_deref())?)),
            (Some("disable" | "prefer" | "require") | None, Some(_)) => {
                return Err("`sslrootcert` goes with `sslmode=verify-full`".to_owned());
            }
            (Some("disable"), None) => Self::Disable,
            (Some("prefer") | None, None) => Self::Prefer,
            (Some("require"), None) => Self::Require,
            (Some(_), _) => {
                return Err("`sslmode` is `disable`, `prefer`, `require` or `verify-full`".to_owned());
            }
        };
        Ok((format!("{}?{}", &url[..question], rest.join("&")), trust))
    }

    /// The TLS configuration of this mode.
    pub(super) fn into_tls(self) -> Result<MakeRustlsConnect, String> {
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let config = match self {
            Self::VerifyFull(roots) => config.with_root_certificates(*roots),
            Self::Disable | Self::Prefer | Self::Require => {
                config.dangerous().with_custom_certificate_verifier(Arc::new(AcceptAnyCertificate(provider)))
            }
        };
        Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
    }
}

/// The certificates in a file, or the trust store of the machine.
fn certificates(file: Option<&str>) -> Result<RootCertStore, String> {
    let (place, certificates, problem) = match file {
        Some(file) => {
            let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
            match read {
                Ok(certificates) => (file, certificates, String::new()),
                Err(error) => (file, vec![], error.to_string()),
            }
        }
        None => {
            let found = rustls_native_certs::load_native_certs();
            let problem = found.errors.first().map(ToString::to_string);
            ("what this machine trusts", found.certs, problem.unwrap_or_default())
        }
    };
    let mut roots = RootCertStore::empty();
    let (taken, _) = roots.add_parsable_certificates(certificates);
    if taken == 0 {
        let why = if problem.is_empty() { "there is none that can be read" } else { &problem };
        return Err(format!("no certificate in {place}: {why}"));
    }
    Ok(roots)
}

/// Accepts every certificate. The handshake still proves that the server has its private key.
#[derive(Debug)]
struct AcceptAnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
