//! P59: whom the client trusts, and the proxies it goes through. The certificates are made here; those parts that
//! depend on variables of the environment run the real binary.

use crate::support::tls::{Authority, Proxy, Validity};
use crate::support::{KEY, settings};
use personactl::api::{ApiError, Effect, Endpoint, ErrorKind, ReadClient, WriteClient};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn endpoint(port: u16) -> Endpoint {
    Endpoint::parse(&format!("https://localhost:{port}")).unwrap()
}

async fn list(port: u16, ca_file: Option<PathBuf>) -> Result<usize, ApiError> {
    let mut settings = settings(&endpoint(port));
    settings.ca_file = ca_file;
    settings.limits.attempts = 1;
    Ok(ReadClient::new(settings).list().await?.entries.len())
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[tokio::test]
async fn an_unknown_authority_is_named_as_the_cause_and_ca_file_lifts_it_p59() {
    let authority = Authority::new();
    let server = authority.serve("localhost", Validity::Now);
    let port = server.address.port();
    let error = list(port, None).await.unwrap_err();
    assert_eq!((error.code(), error.effect()), ("certificate-untrusted", Effect::NotSent));
    assert!(error.to_string().contains("no certificate authority that this machine trusts"), "{error}");
    let hint = error.hint().unwrap();
    assert!(hint.contains("--ca-file") && hint.contains("SSL_CERT_FILE"), "{hint}");
    assert!(server.requests().is_empty(), "the key was not sent");

    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "ca.pem", &authority.pem);
    assert_eq!(list(port, Some(file)).await.unwrap(), 0);
    assert_eq!(server.requests().len(), 1);

    let other = write(folder.path(), "other.pem", &Authority::new().pem);
    assert_eq!(list(port, Some(other)).await.unwrap_err().code(), "certificate-untrusted");
}

#[tokio::test]
async fn a_certificate_for_another_host_and_an_expired_one_are_told_apart() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "ca.pem", &authority.pem);
    for (host, validity, words) in [
        ("other.example", Validity::Now, "for another host name"),
        ("localhost", Validity::Past, "has expired"),
    ] {
        let server = authority.serve(host, validity);
        let error = list(server.address.port(), Some(file.clone())).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Untrusted { .. }), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(server.requests().is_empty());
    }
}

#[tokio::test]
async fn a_ca_file_that_is_none_is_said_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let empty = write(folder.path(), "empty.pem", "");
    let garbage =
        write(folder.path(), "garbage.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let absent = folder.path().join("absent.pem");
    for (file, words) in
        [(&empty, "holds no certificate"), (&garbage, "garbage.pem"), (&absent, "cannot read")]
    {
        let mut settings = settings(&endpoint(9));
        settings.ca_file = Some(file.clone());
        let client = WriteClient::new(settings);
        let error = client.delete("p1").await.unwrap_err();
        assert_eq!((error.code(), error.effect()), ("client-setup", Effect::NotSent), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.hint().unwrap().contains("--ca-file"));
    }
}

/// Runs `personactl list` against an address with these variables and no others.
fn run(folder: &Path, address: &str, variables: &[(&str, &str)]) -> Output {
    std::fs::create_dir_all(folder.join("personas")).unwrap();
    write(folder, "personas/greeter.yaml", "persona_name: Greeter\nsystem_prompt: You greet people.\n");
    Command::new(env!("CARGO_BIN_EXE_personactl"))
        .args(["list", "--endpoint", address, "-C"])
        .arg(folder)
        .env_clear()
        .env("TAVUS_API_KEY", KEY)
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn ssl_cert_file_is_honoured_p59() {
    let authority = Authority::new();
    let server = authority.serve("localhost", Validity::Now);
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "ca.pem", &authority.pem);
    let address = format!("https://localhost:{}", server.address.port());
    let refused = run(folder.path(), &address, &[]);
    assert_eq!(refused.status.code(), Some(1), "{}", stderr(&refused));
    let text = stderr(&refused);
    assert!(text.contains("error[certificate-untrusted]") && text.contains("--ca-file"), "{text}");
    let accepted = run(folder.path(), &address, &[("SSL_CERT_FILE", file.to_str().unwrap())]);
    assert_eq!(accepted.status.code(), Some(0), "{}", stderr(&accepted));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn https_goes_through_the_proxy_unless_no_proxy_names_the_host_p59() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "ca.pem", &authority.pem);
    let trust = ("SSL_CERT_FILE", file.to_str().unwrap());

    // A name that only the proxy can resolve.
    let far = authority.serve("api.personactl.test", Validity::Now);
    let proxy = Proxy::to(far.address);
    let through = format!("http://{}", proxy.address);
    let output = run(folder.path(), "https://api.personactl.test", &[trust, ("HTTPS_PROXY", &through)]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let asked = proxy.asked();
    assert!(asked[0].starts_with("CONNECT api.personactl.test:443 "), "{asked:?}");
    assert!(!asked[0].contains(KEY), "the proxy must not see the key");
    assert_eq!(far.requests().len(), 1);

    let near = authority.serve("localhost", Validity::Now);
    let address = format!("https://localhost:{}", near.address.port());
    let variables = [trust, ("HTTPS_PROXY", &through), ("NO_PROXY", "localhost")];
    let output = run(folder.path(), &address, &variables);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!((near.requests().len(), proxy.asked().len()), (1, asked.len()));
}

#[tokio::test]
async fn a_proxy_is_not_used_for_the_sandbox_of_this_machine() {
    let sandbox = crate::support::sandbox(Vec::new()).await;
    let folder = tempfile::tempdir().unwrap();
    let address = sandbox.endpoint().to_string();
    let path = folder.path().to_owned();
    // Nobody listens on port 9.
    let variables = [("HTTP_PROXY", "http://127.0.0.1:9"), ("ALL_PROXY", "http://127.0.0.1:9")];
    let output = tokio::task::spawn_blocking(move || run(&path, &address, &variables)).await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(sandbox.recording().lines(), ["GET /v2/personas 200"]);
}
