//! Files that commands take, or standard input in their place.

use std::io::Read;
use std::path::Path;

use super::exit::Failure;
use crate::present::escape;

/// The bytes of a file, or of standard input for `-`, as they are.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    let shown = path.display().to_string();
    read.map_err(|error| Failure::failed(format!("cannot read {}: {error}", escape::line(&shown))))?;
    Ok(bytes)
}
