//! Taking the lease: what an earlier dispatcher left behind is put in order.

use rusqlite::params;

use super::settle::{give_back, store_interrupted};
use super::tx::Tx;
use super::{Epoch, JournalError, TakeOver, flights};
use crate::event::Millis;

/// The error of an attempt that was cut off.
pub(super) const INTERRUPTED: &str = "interrupted: it may have been sent";

/// Raises the epoch; returns what earlier epochs left in flight to what it was; pulls due times that lie further off than
/// `longest_delay` ms (the clock was set back) to that.
pub(super) fn take_over(tx: &mut Tx<'_>, pid: u32, longest_delay: u64, now: Millis) -> Result<TakeOver, JournalError> {
    let newest_time = tx.meta("newest_time")?;
    let epoch = tx.raise_epoch()?;
    tx.set_meta("dispatcher_pid", i64::from(pid))?;
    tx.set_meta("dispatcher_since", now)?;
    tx.saw(now);
    let mut interrupted = 0;
    for (delivery, lease) in flights::of_others(tx.conn, epoch)? {
        store_interrupted(tx, lease, delivery)?;
        give_back(tx, lease, delivery, now, 1, 1)?;
        interrupted += 1;
    }
    for endpoint in tx.endpoints()?.iter() {
        pull_due_times(tx, endpoint.key, now.saturating_add_unsigned(longest_delay))?;
    }
    Ok(TakeOver { epoch, interrupted, newest_time })
}

fn pull_due_times(tx: &mut Tx<'_>, endpoint: i64, latest: Millis) -> Result<(), JournalError> {
    let mut select =
        tx.conn.prepare_cached("SELECT seq FROM deliveries WHERE endpoint = ?1 AND state = 1 AND due_at > ?2")?;
    let far: Vec<i64> = select.query_map([endpoint, latest], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for delivery in far {
        let change = tx.next_change();
        tx.conn
            .prepare_cached("UPDATE deliveries SET due_at = ?2, change = ?3 WHERE seq = ?1 AND state = 1")?
            .execute(params![delivery, latest, change])?;
    }
    Ok(())
}

/// Notes that the dispatcher of this epoch ended in order.
pub(super) fn hand_back(tx: &mut Tx<'_>, epoch: Epoch) -> Result<(), JournalError> {
    tx.stop_dispatching();
    if tx.check(epoch).is_ok() {
        tx.set_meta("dispatcher_pid", 0)?;
    }
    Ok(())
}
