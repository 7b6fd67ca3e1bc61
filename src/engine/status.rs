//! Publishing what the engine does: only changes are published, so that nobody is woken for nothing.

use std::sync::Arc;

use tokio::sync::watch;

use super::{FileStatus, Role, Status};

/// Publishes a [`Status`] whenever it differs from the last one.
#[derive(Debug)]
pub(super) struct Publisher(watch::Sender<Arc<Status>>);

impl Publisher {
    /// A publisher and its first receiver.
    pub fn new() -> (Self, watch::Receiver<Arc<Status>>) {
        let first =
            Status { role: Role::Starting, file: FileStatus::default(), in_flight: 0, idle: false, trouble: None };
        let (sender, receiver) = watch::channel(Arc::new(first));
        (Self(sender), receiver)
    }

    /// The number in flight that was published last.
    pub fn in_flight(&self) -> usize {
        self.0.borrow().in_flight
    }

    /// Changes the status; publishes it if that made a difference.
    pub fn update(&mut self, change: impl FnOnce(&mut Status)) {
        self.0.send_if_modified(|current| {
            let mut next = Status::clone(current);
            change(&mut next);
            let differs = !next.is_like(current);
            if differs {
                *current = Arc::new(next);
            }
            differs
        });
    }
}

impl Status {
    fn is_like(&self, other: &Self) -> bool {
        self.role == other.role
            && self.in_flight == other.in_flight
            && self.idle == other.idle
            && self.trouble == other.trouble
            && self.file.is_like(&other.file)
    }
}

impl FileStatus {
    fn is_like(&self, other: &Self) -> bool {
        self.config.as_ref().map(Arc::as_ptr) == other.config.as_ref().map(Arc::as_ptr)
            && self.applied_at == other.applied_at
            && self.banner == other.banner
            && self.problems == other.problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_change_is_published() {
        let (mut publisher, mut status) = Publisher::new();
        publisher.update(|status| status.in_flight = 0);
        assert!(!status.has_changed().unwrap());
        publisher.update(|status| status.in_flight = 3);
        assert!(status.has_changed().unwrap());
        assert_eq!(status.borrow_and_update().in_flight, 3);
        publisher.update(|status| status.role = Role::Starting);
        assert!(!status.has_changed().unwrap());
    }
}
