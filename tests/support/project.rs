//! A project directory of its own, and the program run in it with nothing of the environment around it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use serde_json::Value;

use super::{wait_for, wait_until};

/// A project in a temporary directory, with a home of its own. Gone when dropped.
pub struct Project {
    directory: tempfile::TempDir,
}

impl Project {
    /// A project without a file.
    pub fn empty() -> Self {
        let directory = tempfile::Builder::new().prefix("hooktui-test").tempdir().unwrap();
        for name in ["project", "home", "run", "tmp"] {
            std::fs::create_dir(directory.path().join(name)).unwrap();
        }
        Self { directory }
    }

    /// A project with this `.ntm.yaml`.
    pub fn new(yaml: &str) -> Self {
        let project = Self::empty();
        project.save(yaml);
        project
    }

    /// The project directory.
    pub fn root(&self) -> PathBuf {
        self.directory.path().join("project")
    }

    /// Names in the directory for temporary files that the program sees.
    pub fn temporary_files(&self) -> Vec<std::ffi::OsString> {
        let entries = std::fs::read_dir(self.directory.path().join("tmp")).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect()
    }

    /// Writes `.ntm.yaml` the way editors do: beside it, then renamed over it.
    pub fn save(&self, yaml: &str) {
        let new = self.root().join(".ntm.yaml.new");
        std::fs::write(&new, yaml).unwrap();
        std::fs::rename(new, self.root().join(".ntm.yaml")).unwrap();
    }

    /// Writes the person's own `config.yaml`.
    pub fn taste(&self, yaml: &str) {
        let folder = self.directory.path().join("home/hooktui");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.yaml"), yaml).unwrap();
    }

    /// Whether anything of this name is in the project directory.
    pub fn has(&self, name: &str) -> bool {
        self.root().join(name).exists()
    }

    /// The program, to be run here. Neither the user's home nor their variables reach it.
    pub fn command<I: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hooktui"));
        command.args(arguments).current_dir(self.root()).env_clear().stdin(Stdio::null());
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        command
    }

    /// The environment of [`Project::command`].
    pub fn environment(&self) -> Vec<(String, String)> {
        let below = |name: &str| self.directory.path().join(name).to_str().unwrap().to_owned();
        let path = std::env::var("PATH").unwrap_or_default();
        [
            ("PATH", path),
            ("HOME", below("home")),
            ("XDG_CONFIG_HOME", below("home")),
            ("XDG_RUNTIME_DIR", below("run")),
            ("TMPDIR", below("tmp")),
            ("USER", "amy".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("TZ", "UTC".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// Runs a command to its end, whatever that is.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that must succeed; its standard output.
    #[track_caller]
    pub fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "hooktui {arguments:?}: {}\n{}", output.status, both(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command with `--json` that must succeed; its answer.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let text = self.ok(&[arguments, &["--json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("hooktui {arguments:?}: {error}\n{text}"))
    }

    /// Feeds lines to a command's standard input and waits for its end.
    #[track_caller]
    pub fn feed(&self, arguments: &[&str], lines: &str) -> Output {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let lines = lines.to_owned();
        // Written from the side: a command that answers while it reads would fill its pipe otherwise.
        let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
        let output = child.wait_with_output().unwrap();
        let _ = writer.join();
        output
    }

    /// Runs a command whose standard output nobody reads any more.
    pub fn run_unread(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdout(unread()).output().unwrap()
    }

    /// Starts `hooktui run` and waits until it dispatches and has applied the file.
    #[track_caller]
    pub fn start(&self) -> Running {
        let running = self.start_unseen(&["run"]);
        self.wait_for_dispatcher(running.pid());
        wait_until("the file is applied", || self.figure("webhook_count") > 0);
        running
    }

    /// Starts a command that stays, without waiting for anything. What it prints is in `<pid>.log` beside the project.
    pub fn start_unseen(&self, arguments: &[&str]) -> Running {
        let log = tempfile::NamedTempFile::new_in(self.directory.path()).unwrap();
        let mut command = self.command(arguments);
        // One open file for both, so that neither writes over the other.
        let file = log.reopen().unwrap();
        command.stdout(file.try_clone().unwrap()).stderr(file);
        Running { child: command.spawn().unwrap(), log }
    }

    /// Waits until the process of this pid dispatches.
    #[track_caller]
    pub fn wait_for_dispatcher(&self, pid: u32) {
        wait_until(&format!("process {pid} dispatches"), || self.dispatcher() == Some(pid));
    }

    /// The pid of whoever dispatches here.
    pub fn dispatcher(&self) -> Option<u32> {
        let output = self.run(&["status", "--json"]);
        let status: Value = serde_json::from_slice(&output.stdout).ok()?;
        u32::try_from(status["dispatcher"]["pid"].as_u64()?).ok()
    }

    /// One figure of `status --json`.
    #[track_caller]
    pub fn figure(&self, name: &str) -> u64 {
        let status = self.json(&["status"]);
        status[name].as_u64().unwrap_or_else(|| panic!("status has no figure {name}: {status}"))
    }

    /// Waits until a figure of `status --json` has this value.
    #[track_caller]
    pub fn wait_for_figure(&self, name: &str, value: u64) {
        wait_for(&format!("{name} becomes {value}"), || (self.figure(name) == value).then_some(()));
    }
}

/// A pipe whose reader has gone.
pub fn unread() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

/// Standard output and error of a command, for messages.
pub fn both(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A command that stays until it is told to go. Killed when dropped.
pub struct Running {
    child: Child,
    log: tempfile::NamedTempFile,
}

impl Running {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed so far.
    pub fn printed(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap_or_default()
    }

    /// SIGKILL: no chance to clean up.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and waits for the end.
    pub fn stop(mut self) -> ExitStatus {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap()
    }

    /// Waits until it ends by itself.
    pub fn wait(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The path of a file in this repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
