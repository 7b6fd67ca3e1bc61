//! The processes beside the bench, seen from the bench: the sink, and `hooktui run`.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use super::super::exit::Failure;
use super::child::{Question, Tally};

/// How long a process may take to end in order.
const PATIENCE: Duration = Duration::from_secs(3);

/// A process of this binary. Ends when this is dropped, or by itself when the bench does.
#[derive(Debug)]
pub struct Beside {
    child: Child,
    /// Open until it is to end.
    input: Option<ChildStdin>,
}

impl Beside {
    /// `hooktui run` in a project, its output thrown away.
    pub fn run(project: &Path) -> Result<Self, Failure> {
        let mut command = command("run").map_err(cannot)?;
        command.arg("-C").arg(project).stdout(Stdio::null()).stderr(Stdio::null());
        Self::spawn(command).map_err(cannot)
    }

    fn spawn(mut command: Command) -> io::Result<Self> {
        let mut child = command.spawn()?;
        let input = child.stdin.take();
        Ok(Self { child, input })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.input = None;
        let asked = Instant::now();
        while !self.has_ended() && asked.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(1));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// This binary with one of its hidden commands. In a process group of its own: Ctrl-c is for the bench, which ends it.
fn command(name: &str) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["bench-child", name]).stdin(Stdio::piped()).process_group(0);
    Ok(command)
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn cannot(error: io::Error) -> Failure {
    Failure::failed(format!("cannot start what is measured beside the bench: {error}"))
}

/// The receiver in its own process.
#[derive(Debug)]
pub struct Sink {
    beside: Beside,
    output: BufReader<ChildStdout>,
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
}

impl Sink {
    /// Starts it.
    pub fn start() -> Result<Self, Failure> {
        Self::launch().map_err(cannot)
    }

    fn launch() -> io::Result<Self> {
        let mut command = command("sink")?;
        command.stdout(Stdio::piped());
        let mut beside = Beside::spawn(command)?;
        let output = beside.child.stdout.take().ok_or_else(|| io::Error::other("it has no standard output"))?;
        let mut output = BufReader::new(output);
        let mut line = String::new();
        output.read_line(&mut line)?;
        let port = line.trim().parse().map_err(|_| io::Error::other(format!("the sink names no port: {line:?}")))?;
        Ok(Self { beside, output, port })
    }

    /// The URL of a path below it.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// Asks it something.
    pub fn ask(&mut self, question: Question) -> Result<Tally, Failure> {
        let ended = |error: io::Error| Failure::failed(format!("the bench's sink has ended: {error}; run it again"));
        let input = self.beside.input.as_mut().ok_or_else(|| ended(io::ErrorKind::BrokenPipe.into()))?;
        writeln!(input, "{}", question.word()).map_err(ended)?;
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(ended)?;
        serde_json::from_str(&line).map_err(|error| ended(error.into()))
    }

    /// When each delivery arrived first, by its id.
    pub fn arrivals(&mut self) -> Result<HashMap<String, u64>, Failure> {
        let mut first = HashMap::new();
        for (id, at) in self.ask(Question::Arrivals)?.arrivals {
            first.entry(id).or_insert(at);
        }
        Ok(first)
    }
}
