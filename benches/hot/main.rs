//! What every delivery and every frame costs: `cargo bench`, or `cargo bench -- journal` for a part.
//!
//! These are for comparing two versions on one machine. What a machine does as a whole, `hooktui bench` measures.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on fails there and then")]

mod console;
mod filled;
mod journal;
mod wire;

fn main() {
    divan::main();
}
