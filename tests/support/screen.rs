//! The program in a terminal of its own: keys go in, a screen comes out.

use std::io::{Read as _, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::project::Project;
use super::{wait_for, wait_until};

/// A terminal with the program in it. The program is killed when it is dropped.
pub struct Screen {
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Box<dyn Write + Send>,
    reader: Option<JoinHandle<()>>,
    leaving: Arc<AtomicBool>,
    child: Box<dyn Child + Send + Sync>,
    parser: Arc<Mutex<vt100::Parser>>,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Screen {
    /// Starts the program with these arguments in a terminal of this size.
    pub fn start(project: &Project, arguments: &[&str], columns: u16, rows: u16) -> Self {
        Self::start_program(project, env!("CARGO_BIN_EXE_hooktui"), arguments, columns, rows)
    }

    /// Starts another program.
    pub fn start_program(project: &Project, program: &str, arguments: &[&str], columns: u16, rows: u16) -> Self {
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        Self::spawn(project, command, &[], columns, rows)
    }

    /// Starts the console with these variables.
    pub fn start_with(project: &Project, variables: &[(&str, &str)], columns: u16, rows: u16) -> Self {
        Self::spawn(project, CommandBuilder::new(env!("CARGO_BIN_EXE_hooktui")), variables, columns, rows)
    }

    /// Starts a shell with job control that runs this script; `$HOOKTUI` is the program.
    pub fn start_shell(project: &Project, script: &str, columns: u16, rows: u16) -> Self {
        let mut command = CommandBuilder::new("sh");
        command.args(["-m", "-c", script]);
        Self::spawn(project, command, &[], columns, rows)
    }

    fn spawn(
        project: &Project,
        mut command: CommandBuilder,
        variables: &[(&str, &str)],
        columns: u16,
        rows: u16,
    ) -> Self {
        command.cwd(project.root());
        command.env_clear();
        for (name, value) in project.environment() {
            command.env(name, value);
        }
        command.env("TERM", "xterm-256color");
        command.env("HOOKTUI", env!("CARGO_BIN_EXE_hooktui"));
        for (name, value) in variables {
            command.env(name, value);
        }
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let parser = Arc::new(Mutex::new(vt100::Parser::new(rows, columns, 0)));
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let mut output = pair.master.try_clone_reader().unwrap();
        let (screen, seen) = (Arc::clone(&parser), Arc::clone(&bytes));
        let leaving = Arc::new(AtomicBool::new(false));
        let leaves = Arc::clone(&leaving);
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length) = output.read(&mut buffer) {
                if length == 0 || leaves.load(Ordering::SeqCst) {
                    break;
                }
                seen.lock().unwrap().extend_from_slice(&buffer[..length]);
                screen.lock().unwrap().process(&buffer[..length]);
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self { master: Some(pair.master), keys, reader: Some(reader), leaving, child, parser, bytes }
    }

    /// Sends keys as the bytes a terminal sends: `"q"`, `"\x03"` for Ctrl-c, `"\x1b"` for Esc.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Goes to the dead letters; waits for one to be there, and the cursor on it: what is pressed before that has no row to act on.
    #[track_caller]
    pub fn select_dead_letter(&mut self) {
        self.press("4");
        self.wait_for("r retry");
        self.wait_for("┃▌");
    }

    /// Changes the size of the terminal.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.parser.lock().unwrap().screen_mut().set_size(rows, columns);
        self.master.as_ref().unwrap().resize(size(columns, rows)).unwrap();
    }

    /// The terminal goes away, as when its window is closed: the last handle of it is.
    pub fn hang_up(&mut self) {
        self.leaving.store(true, Ordering::SeqCst);
        let reader = self.reader.take().unwrap();
        // The reader waits in a read, holding a handle: what the program draws at another size wakes it.
        let mut columns = 60;
        wait_until("the reader lets go", || {
            columns += 1;
            self.resize(columns, 30);
            reader.is_finished()
        });
        self.keys = Box::new(std::io::sink());
        self.master = None;
    }

    /// Which mouse the program has asked for.
    pub fn mouse(&self) -> vt100::MouseProtocolMode {
        self.parser.lock().unwrap().screen().mouse_protocol_mode()
    }

    /// What is on the screen now.
    pub fn text(&self) -> String {
        self.parser.lock().unwrap().screen().contents()
    }

    /// Every byte the program has written.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }

    /// Waits until the screen shows this; the screen.
    #[track_caller]
    pub fn wait_for(&self, text: &str) -> String {
        self.wait_until(&format!("{text:?} on the screen"), |screen| screen.contains(text))
    }

    /// Waits until the screen is as asked; the screen.
    #[track_caller]
    pub fn wait_until(&self, what: &str, condition: impl Fn(&str) -> bool) -> String {
        let deadline = std::time::Instant::now() + super::PATIENCE;
        loop {
            let text = self.text();
            if condition(&text) {
                return text;
            }
            assert!(std::time::Instant::now() < deadline, "waited in vain: {what}. The screen:\n{text}");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.pid()).unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits for the end of the program; whether it ended well.
    #[track_caller]
    pub fn wait_for_end(&mut self) -> bool {
        let child = &mut self.child;
        wait_for("the program ends", || child.try_wait().unwrap()).success()
    }

    /// Asserts that the terminal was given back: main screen, cursor seen, no mouse, no bracketed paste.
    #[track_caller]
    pub fn assert_restored(&self) {
        wait_until("the terminal is given back", || {
            let parser = self.parser.lock().unwrap();
            let screen = parser.screen();
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && !screen.bracketed_paste()
                && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        });
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}
