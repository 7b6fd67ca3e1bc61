//! A receiver of webhooks: answers as it is told, remembers what it got.

use std::io::{BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Received {
    /// The path of its URL.
    pub path: String,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Received {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// How a request is answered.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: String,
    body: String,
}

impl Answer {
    /// This status with an empty body.
    pub fn status(status: u16) -> Self {
        Self { status, headers: String::new(), body: String::new() }
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.extend([name, ": ", value, "\r\n"]);
        self
    }

    /// With a body.
    pub fn body(mut self, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self
    }
}

type Script = dyn Fn(&Received) -> Answer + Send + Sync;

/// A server on a free port of the loopback. Ends when dropped.
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    script: Mutex<Arc<Script>>,
    received: Mutex<Vec<Received>>,
    /// How many more requests are answered before the next are held back.
    gate: Mutex<usize>,
    gate_opened: Condvar,
    waiting: AtomicUsize,
    ended: AtomicBool,
}

impl Receiver {
    /// Answers 200.
    pub fn good() -> Self {
        Self::scripted(|_| Answer::status(200))
    }

    /// Answers as the script says.
    pub fn scripted(script: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            script: Mutex::new(Arc::new(script)),
            received: Mutex::default(),
            gate: Mutex::new(usize::MAX),
            gate_opened: Condvar::new(),
            waiting: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
        });
        let server = Arc::clone(&shared);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                if server.ended.load(Ordering::SeqCst) {
                    break;
                }
                let shared = Arc::clone(&server);
                std::thread::spawn(move || connection.ok().and_then(|connection| shared.serve(&connection).ok()));
            }
        });
        Self { address, shared }
    }

    /// A URL of this receiver.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers differently from now on.
    pub fn script(&self, script: impl Fn(&Received) -> Answer + Send + Sync + 'static) {
        *self.shared.script.lock().unwrap() = Arc::new(script);
    }

    /// Answers so many more requests; takes those that follow, but does not answer them.
    pub fn hold_after(&self, count: usize) {
        *self.shared.gate.lock().unwrap() = count;
    }

    /// Answers again, those held back too.
    pub fn release(&self) {
        *self.shared.gate.lock().unwrap() = usize::MAX;
        self.shared.gate_opened.notify_all();
    }

    /// Requests that are held back now.
    pub fn waiting(&self) -> usize {
        self.shared.waiting.load(Ordering::SeqCst)
    }

    /// Everything that came so far, in order of arrival.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// How much came so far.
    pub fn count(&self) -> usize {
        self.shared.received.lock().unwrap().len()
    }

    /// Waits until so many requests came.
    #[track_caller]
    pub fn wait_for(&self, count: usize) -> Vec<Received> {
        super::wait_until(&format!("{count} requests arrive"), || self.count() >= count);
        self.received()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        self.release();
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    /// Answers the requests of one connection until it is closed.
    fn serve(&self, connection: &TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(connection);
        while let Some(request) = read_request(&mut reader)? {
            self.received.lock().unwrap().push(request.clone());
            self.wait_at_gate();
            let script = Arc::clone(&self.script.lock().unwrap());
            let Answer { status, headers, body } = script(&request);
            let length = body.len();
            let head = format!("HTTP/1.1 {status} Said\r\ncontent-length: {length}\r\n{headers}\r\n");
            let mut connection = connection;
            connection.write_all(&[head.as_bytes(), body.as_bytes()].concat())?;
        }
        Ok(())
    }

    fn wait_at_gate(&self) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let left = self.gate.lock().unwrap();
        let mut left = self.gate_opened.wait_while(left, |left| *left == 0).unwrap();
        if *left != usize::MAX {
            *left -= 1;
        }
        drop(left);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The next request, or none at the end of the connection. Bodies have a length: hooktui never sends chunks.
fn read_request(reader: &mut impl std::io::BufRead) -> std::io::Result<Option<Received>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Received { path, headers, body: Vec::new() };
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    request.body = vec![0; length];
    reader.read_exact(&mut request.body)?;
    Ok(Some(request))
}
