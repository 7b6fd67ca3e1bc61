//! What keeps a hostile template harmless: it ends, and it does not eat the memory.

/// Longest template, in bytes.
pub(super) const LONGEST_SOURCE: usize = 64 << 10;
/// Deepest nesting of blocks and parentheses.
pub(super) const DEEPEST_SOURCE: usize = 100;
/// Deepest nesting of blocks, parentheses and templates within templates while a template runs.
pub(super) const DEEPEST_RUN: usize = 200;
/// Most steps of a run. One is an action, an operand, a round of a range, or the work on [`BYTES_PER_STEP`].
const MOST_STEPS: usize = 1_000_000;
/// Bytes that a function may read or make for one step.
const BYTES_PER_STEP: usize = 64;
/// Most bytes of text that the functions of one run may make in all.
const MOST_MADE: usize = 32 << 20;
/// Longest output, in bytes.
const LONGEST_OUTPUT: usize = 16 << 20;

/// What a run may still use up.
#[derive(Debug)]
pub(super) struct Budget {
    steps: usize,
    made: usize,
}

impl Budget {
    pub(super) const fn new() -> Self {
        Self { steps: MOST_STEPS, made: MOST_MADE }
    }

    /// Takes one step.
    pub(super) fn step(&mut self) -> Result<(), String> {
        self.steps(1)
    }

    /// Takes so many steps.
    pub(super) fn steps(&mut self, count: usize) -> Result<(), String> {
        let left = self.steps.checked_sub(count);
        self.steps = left.ok_or_else(|| format!("the template takes more than {MOST_STEPS} steps; make it do less"))?;
        Ok(())
    }

    /// Pays for work on so many bytes.
    pub(super) fn work(&mut self, bytes: usize) -> Result<(), String> {
        self.steps(1 + bytes / BYTES_PER_STEP)
    }

    /// Lets a function make a text, and pays for it.
    pub(super) fn make(&mut self, write: impl FnOnce(&mut Buffer)) -> Result<Vec<u8>, String> {
        let mut buffer = Buffer::new(self.made.min(LONGEST_OUTPUT));
        write(&mut buffer);
        let bytes = buffer.into_bytes()?;
        self.pay(bytes.len())?;
        Ok(bytes)
    }

    /// Pays for a text that has been made.
    pub(super) fn pay(&mut self, bytes: usize) -> Result<(), String> {
        self.made = self.made.checked_sub(bytes).ok_or_else(too_long)?;
        self.work(bytes)
    }
}

/// Bytes up to a limit. What goes beyond is dropped, and told at the end: so writing needs no care.
#[derive(Debug)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    most: usize,
    full: bool,
}

impl Buffer {
    const fn new(most: usize) -> Self {
        Self { bytes: Vec::new(), most, full: false }
    }

    /// For the output of a run.
    pub(super) const fn output() -> Self {
        Self::new(LONGEST_OUTPUT)
    }

    pub(super) fn push(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        if self.room(bytes.len()) {
            self.bytes.extend_from_slice(bytes);
        }
    }

    pub(super) fn push_char(&mut self, c: char) {
        self.push(c.encode_utf8(&mut [0; 4]));
    }

    /// A byte several times.
    pub(super) fn fill(&mut self, byte: u8, times: usize) {
        if self.room(times) {
            self.bytes.resize(self.bytes.len() + times, byte);
        }
    }

    /// Whether so many bytes more fit. Where they do not, the buffer is full from then on.
    pub(super) fn room(&mut self, bytes: usize) -> bool {
        self.full |= bytes > self.most - self.bytes.len();
        !self.full
    }

    /// Whether something did not fit.
    pub(super) const fn is_full(&self) -> bool {
        self.full
    }

    /// What was written, if all of it fitted.
    pub(super) fn into_bytes(self) -> Result<Vec<u8>, String> {
        if self.full { Err(too_long()) } else { Ok(self.bytes) }
    }
}

/// The words for a full [`Buffer`].
pub(super) fn too_long() -> String {
    format!("the template makes more than {} MiB of text; make it print less", LONGEST_OUTPUT >> 20)
}
