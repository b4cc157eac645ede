//! Making the HTTP client: whom it trusts, which proxy it uses, and what it must never do by itself.

use super::error::ErrorKind;
use super::settings::Settings;
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Certificate, Client};
use std::path::Path;
use std::sync::Once;

/// The client for these settings. Costs milliseconds over https, as the machine's certificates are read.
pub(super) fn client(settings: &Settings) -> Result<Client, ErrorKind> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Fails only where somebody has installed one already, which then is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let mut headers = HeaderMap::new();
    let key = settings.key.header().map_err(|e| setup(e.to_string()))?;
    headers.insert(HeaderName::from_static("x-api-key"), key);
    let mut builder = Client::builder()
        .user_agent(concat!("personactl/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        // The library would follow to another host and take the key along.
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .http1_only()
        .gzip(true)
        .connect_timeout(settings.limits.connect)
        .pool_max_idle_per_host(settings.concurrency.max(1));
    if settings.endpoint.is_plain_http() {
        // To this machine: no certificates to read, no proxy to ask.
        builder = builder.tls_certs_only([]).no_proxy();
    } else if let Some(file) = &settings.ca_file {
        builder = builder.tls_certs_merge(authorities(file)?);
    }
    builder.build().map_err(|e| match &settings.ca_file {
        Some(file) => setup(format!("{}, with the CA file {}", reasons(&e), file.display())),
        None => setup(reasons(&e)),
    })
}

fn authorities(file: &Path) -> Result<Vec<Certificate>, ErrorKind> {
    let pem =
        std::fs::read(file).map_err(|e| setup(format!("cannot read the CA file {}: {e}", file.display())))?;
    let certificates = Certificate::from_pem_bundle(&pem)
        .map_err(|e| setup(format!("the CA file {} is not PEM: {}", file.display(), reasons(&e))))?;
    if certificates.is_empty() {
        return Err(setup(format!("the CA file {} holds no certificate", file.display())));
    }
    Ok(certificates)
}

fn setup(reason: String) -> ErrorKind {
    ErrorKind::Setup { reason }
}

/// What a failed exchange was.
pub(super) fn classify(error: &reqwest::Error, settings: &Settings) -> ErrorKind {
    use super::error::TimeLimit;
    let reason = reasons(error);
    if let Some(tls) = certificate_fault(error) {
        return ErrorKind::Untrusted { reason: tls };
    }
    if error.is_timeout() {
        let (limit, after) = if error.is_connect() {
            (TimeLimit::Connect, settings.limits.connect)
        } else {
            (TimeLimit::Attempt, settings.limits.attempt)
        };
        return ErrorKind::TimedOut { limit, after };
    }
    if error.is_builder() {
        setup(reason)
    } else if error.is_connect() {
        ErrorKind::ConnectFailed { reason }
    } else if error.is_body() || error.is_decode() {
        ErrorKind::BrokenAnswer { reason }
    } else {
        ErrorKind::ConnectionLost { reason }
    }
}

/// The chain of causes, without the address that the library puts in front and without repetitions.
fn reasons(error: &reqwest::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let text = cause.to_string();
        if !parts.iter().any(|known| known.contains(&text)) {
            parts.push(text);
        }
        source = cause.source();
    }
    if parts.is_empty() { error.to_string() } else { parts.join(": ") }
}

/// What is wrong with the server's certificate, if that is the cause.
fn certificate_fault(error: &reqwest::Error) -> Option<String> {
    let mut source: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(rustls::Error::InvalidCertificate(fault)) = rustls_error(cause) {
            return Some(certificate_words(fault));
        }
        source = cause.source();
    }
    None
}

fn rustls_error<'a>(cause: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(error) = cause.downcast_ref::<rustls::Error>() {
        return Some(error);
    }
    // An io::Error gives its own cause's source, and so hides the cause itself.
    let inner = cause.downcast_ref::<std::io::Error>()?.get_ref()?;
    rustls_error(inner)
}

fn certificate_words(fault: &rustls::CertificateError) -> String {
    use rustls::CertificateError as Fault;
    match fault {
        Fault::UnknownIssuer => "no certificate authority that this machine trusts has issued it".to_owned(),
        Fault::Expired | Fault::ExpiredContext { .. } => "it has expired".to_owned(),
        Fault::NotValidYet | Fault::NotValidYetContext { .. } => "it is not valid yet".to_owned(),
        Fault::NotValidForName | Fault::NotValidForNameContext { .. } => {
            "it is for another host name".to_owned()
        }
        Fault::Revoked => "it has been revoked".to_owned(),
        other => other.to_string(),
    }
}
