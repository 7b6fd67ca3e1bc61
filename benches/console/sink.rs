//! A receiver on the loopback that takes everything at once.

use std::net::{Ipv4Addr, TcpListener};

use crate::Result;

/// Starts it; its port. It ends with the process.
pub fn start() -> Result<u16> {
    let text = |error: std::io::Error| error.to_string();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(text)?;
    listener.set_nonblocking(true).map_err(text)?;
    let port = listener.local_addr().map_err(text)?.port();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
            let _ = axum::serve(listener, axum::Router::new().fallback(|_: axum::body::Bytes| async { "ok" })).await;
        });
    });
    Ok(port)
}
