//! A browser for tests: chromedriver is started on a free port and spoken to over plain HTTP.

#![allow(unreachable_pub, reason = "shared by test programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests fail the test")]

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// A running browser; closed when dropped.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

/// Why there is no browser.
pub type Missing = String;

impl Browser {
    /// Starts a headless Chromium, if there is one.
    pub fn start(width: u32, dark: bool, scripts: bool) -> Result<Browser, Missing> {
        let mut attempts = 0;
        // Two drivers that start at once can choose the same port; the later one ends and is started again.
        let (driver, port) = loop {
            let mut driver = Command::new("chromedriver")
                .arg("--port=0")
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .map_err(|error| format!("chromedriver: {error}"))?;
            if let Some(port) = port(&mut driver) {
                break (driver, port);
            }
            let _ = driver.wait();
            attempts += 1;
            assert!(attempts < 10, "chromedriver did not say its port");
        };
        let mut browser = Browser { driver, port, session: String::new() };
        let mut arguments = vec![
            "--headless=new".to_owned(),
            // Test machines run as root and have little shared memory.
            "--no-sandbox".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-gpu".to_owned(),
            format!("--window-size={width},900"),
        ];
        if dark {
            arguments.push("--force-dark-mode".to_owned());
            arguments.push("--blink-settings=preferredColorScheme=0".to_owned());
        }
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {
                "args": arguments,
                "prefs": {"profile.managed_default_content_settings.javascript": if scripts { 1 } else { 2 }},
            },
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let answer = browser.request("POST", "/session", &capabilities);
        match answer["sessionId"].as_str() {
            Some(session) => browser.session = session.to_owned(),
            None => return Err(format!("no session: {}", answer["message"])),
        }
        Ok(browser)
    }

    /// Loads a page and waits until it has loaded.
    pub fn open(&self, url: &str) {
        self.command("POST", "url", &json!({"url": url}));
    }

    /// Runs a function body in the page and gives what it returns.
    pub fn run(&self, script: &str) -> Value {
        self.command("POST", "execute/sync", &json!({"script": script, "args": []}))
    }

    /// Types into the element that a selector finds.
    pub fn keys(&self, selector: &str, text: &str) {
        let id = self.find(selector);
        self.command("POST", &format!("element/{id}/value"), &json!({"text": text}));
    }

    fn find(&self, selector: &str) -> String {
        let found = self.command("POST", "element", &json!({"using": "css selector", "value": selector}));
        found.as_object().and_then(|found| found.values().next()).and_then(Value::as_str).unwrap().to_owned()
    }

    /// Clicks on the element that a selector finds.
    pub fn click(&self, selector: &str) {
        let id = self.find(selector);
        self.command("POST", &format!("element/{id}/click"), &json!({}));
    }

    /// The text of an element as it is shown: nothing for what is not.
    pub fn text(&self, selector: &str) -> String {
        let id = self.find(selector);
        self.command("GET", &format!("element/{id}/text"), &Value::Null).as_str().unwrap().to_owned()
    }

    /// What the console holds: errors, warnings, refusals by the page's policy.
    pub fn console(&self) -> Vec<String> {
        let log = self.command("POST", "se/log", &json!({"type": "browser"}));
        log.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }

    /// A picture of the window as base64 of a PNG.
    pub fn screenshot(&self) -> String {
        self.command("GET", "screenshot", &Value::Null).as_str().unwrap().to_owned()
    }

    fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        let value = self.request(method, &format!("/session/{}/{path}", self.session), body);
        assert!(value["error"].is_null(), "{path}: {value}");
        value
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut reader = BufReader::new(stream);
        let mut length = None;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            length =
                line.strip_prefix("content-length:").map(|n| n.trim().parse::<usize>().unwrap()).or(length);
        }
        let mut answer = vec![0; length.expect("an answer with a length")];
        reader.read_exact(&mut answer).unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        answer["value"].clone()
    }
}

/// The driver says which port it took, unless it could not take it.
fn port(driver: &mut Child) -> Option<u16> {
    let out = BufReader::new(driver.stdout.take().unwrap());
    for line in out.lines() {
        let line = line.unwrap();
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return Some(port.trim_end_matches('.').parse().unwrap());
        }
    }
    None
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            self.request("DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
