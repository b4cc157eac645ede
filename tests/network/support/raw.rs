//! A server that sends any bytes at any time: for what no HTTP library would send.

use personactl::api::Endpoint;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One thing the server does.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Send(Vec<u8>),
    WaitMs(u64),
    /// Says nothing more until the client goes away.
    Hold,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Which connection, from 0.
    pub(crate) connection: usize,
    /// `GET /v2/personas?limit=100`
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Clone)]
pub(crate) struct RawServer {
    pub(crate) endpoint: Endpoint,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl RawServer {
    /// `script` gets the number of the request, from 0, and the request.
    pub(crate) fn start(script: impl Fn(usize, &Seen) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = Endpoint::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (script, log, count) = (Arc::new(script), seen.clone(), Arc::new(AtomicUsize::new(0)));
        std::thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let Ok(stream) = stream else { break };
                let (script, log, count) = (script.clone(), log.clone(), count.clone());
                std::thread::spawn(move || {
                    let next = || count.fetch_add(1, Ordering::SeqCst);
                    let _ = serve(connection, &stream, &log, next, &*script);
                });
            }
        });
        RawServer { endpoint, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(
    connection: usize,
    stream: &TcpStream,
    log: &Mutex<Vec<Seen>>,
    next: impl Fn() -> usize,
    script: &dyn Fn(usize, &Seen) -> Vec<Step>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(seen) = read(connection, &mut reader)? {
        let close = seen.header("connection") == Some("close");
        log.lock().unwrap().push(seen.clone());
        for step in script(next(), &seen) {
            match step {
                Step::Send(bytes) => writer.write_all(&bytes)?,
                Step::WaitMs(wait) => std::thread::sleep(Duration::from_millis(wait)),
                Step::Hold => {
                    let _ = reader.read(&mut [0; 1]);
                    return Ok(());
                }
            }
        }
        if close {
            return Ok(());
        }
    }
    Ok(())
}

fn read(connection: usize, reader: &mut impl BufRead) -> std::io::Result<Option<Seen>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 || header.trim_end().is_empty() {
            break;
        }
        if let Some((name, value)) = header.trim_end().split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0)];
    reader.read_exact(&mut body)?;
    Ok(Some(Seen { connection, line, headers, body }))
}

/// A well-formed answer.
pub(crate) fn json(status: &str, body: &str) -> Vec<Step> {
    answer(status, "content-type: application/json\r\n", body.as_bytes())
}

pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<Step> {
    let mut bytes =
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    vec![Step::Send(bytes)]
}
