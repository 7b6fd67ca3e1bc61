//! Marks: rows that keys act on instead of the one under the cursor. They are ids, and outlive any refresh.

use std::collections::{BTreeMap, BTreeSet};

use crate::journal::Cursor;

use super::window::Keyed;

/// The marks of one list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    ids: BTreeSet<String>,
    range: Option<Range>,
    all: bool,
}

/// A range on its way: from where it began to the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Range {
    from: (i64, i64),
    /// By place, so that what the window has moved away from still belongs to it.
    rows: BTreeMap<(i64, i64), String>,
}

const fn place(cursor: Cursor) -> (i64, i64) {
    (cursor.sort, cursor.seq)
}

impl Marks {
    /// No row is marked, and no range has begun.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.all && self.ids.is_empty() && self.range.is_none()
    }

    /// All that the list's filter finds is marked, whatever that is.
    #[must_use]
    pub const fn is_all(&self) -> bool {
        self.all
    }

    /// A range has begun and not ended.
    #[must_use]
    pub const fn is_ranging(&self) -> bool {
        self.range.is_some()
    }

    /// Whether this row is marked.
    #[must_use]
    pub fn has(&self, row: &impl Keyed) -> bool {
        let in_range = |range: &Range| range.rows.contains_key(&place(row.cursor()));
        self.all || self.range.as_ref().is_some_and(in_range) || self.ids.contains(&row.id())
    }

    /// The ids of marked rows, those of a range on its way too; none of them if all are marked.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        let ranged = self.range.iter().flat_map(|range| range.rows.values());
        let ids: BTreeSet<&String> = self.ids.iter().chain(ranged).collect();
        ids.into_iter().cloned().collect()
    }

    /// How many rows are marked one by one.
    #[must_use]
    pub fn count(&self) -> usize {
        if self.range.is_none() { self.ids.len() } else { self.ids().len() }
    }

    /// Marks the row, or takes its mark off.
    pub fn toggle(&mut self, id: String) {
        if !self.ids.remove(&id) {
            self.ids.insert(id);
        }
    }

    /// Begins a range at this row.
    pub fn begin(&mut self, row: &impl Keyed) {
        let from = place(row.cursor());
        self.range = Some(Range { from, rows: BTreeMap::from([(from, row.id())]) });
    }

    /// The range reaches from where it began to the cursor; of the rows between, these are known.
    pub fn reach<'r, R: Keyed + 'r>(&mut self, rows: impl IntoIterator<Item = &'r R>, to: Cursor) {
        let Some(range) = &mut self.range else { return };
        let (low, high) = (range.from.min(place(to)), range.from.max(place(to)));
        range.rows.retain(|at, _| (low..=high).contains(at));
        let between = rows.into_iter().map(|row| (place(row.cursor()), row.id()));
        range.rows.extend(between.filter(|(at, _)| (low..=high).contains(at)));
    }

    /// Ends the range: its rows are marked for good.
    pub fn end(&mut self) {
        self.ids.extend(self.range.take().into_iter().flat_map(|range| range.rows.into_values()));
    }

    /// Marks all that the list's filter finds, now and whenever it is looked at.
    pub fn mark_all(&mut self) {
        *self = Self { all: true, ..Self::default() };
    }

    /// Takes all marks off.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row(i64);

    impl Keyed for Row {
        fn id(&self) -> String {
            format!("r{}", self.0)
        }
        fn cursor(&self) -> Cursor {
            Cursor { sort: self.0, seq: self.0 }
        }
    }

    fn rows(of: std::ops::RangeInclusive<i64>) -> Vec<Row> {
        of.rev().map(Row).collect()
    }

    #[test]
    fn a_mark_is_set_and_taken_off() {
        let mut marks = Marks::default();
        marks.toggle("r3".to_owned());
        marks.toggle("r5".to_owned());
        assert!(marks.has(&Row(3)) && !marks.has(&Row(4)));
        marks.toggle("r3".to_owned());
        assert_eq!((marks.ids(), marks.count()), (vec!["r5".to_owned()], 1));
        marks.clear();
        assert!(marks.is_empty());
    }

    #[test]
    fn a_range_follows_the_cursor_both_ways_and_keeps_what_has_left_the_window() {
        let mut marks = Marks::default();
        marks.toggle("r20".to_owned());
        marks.begin(&Row(10));
        marks.reach(&rows(5..=12), Cursor { sort: 6, seq: 6 });
        assert_eq!(marks.count(), 6);
        // The window has moved on: 10 to 7 are no longer in it.
        marks.reach(&rows(1..=6), Cursor { sort: 3, seq: 3 });
        assert!((3..=10).all(|at| marks.has(&Row(at))) && !marks.has(&Row(2)));
        marks.reach(&rows(5..=12), Cursor { sort: 12, seq: 12 });
        assert!(marks.has(&Row(11)) && !marks.has(&Row(9)));
        marks.end();
        assert_eq!(marks.ids(), ["r10", "r11", "r12", "r20"]);
        assert!(!marks.is_ranging());
    }

    #[test]
    fn all_is_no_list_of_ids() {
        let mut marks = Marks::default();
        marks.toggle("r1".to_owned());
        marks.mark_all();
        assert!(marks.has(&Row(7)) && marks.is_all());
        assert_eq!(marks.count(), 0);
    }
}
