//! What a person or a service manager ends a process by: Ctrl-C, SIGTERM.

/// What tells the process to stop. Heard from when it is made: whoever has read
/// that the server is ready may stop it at once, and it ends in order.
#[cfg(unix)]
pub struct StopSignal {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignal {
    pub fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    pub async fn heard(mut self) -> std::io::Result<()> {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        Ok(())
    }
}

/// What tells the process to stop.
#[cfg(not(unix))]
pub struct StopSignal;

#[cfg(not(unix))]
impl StopSignal {
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    pub async fn heard(self) -> std::io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}
