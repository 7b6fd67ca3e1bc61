use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone, PartialEq)]
struct Item {
    seq: i64,
    change: i64,
}

impl Keyed for Item {
    fn id(&self) -> String {
        self.seq.to_string()
    }
    fn cursor(&self) -> Cursor {
        Cursor { sort: self.change, seq: self.seq }
    }
}

/// The oracle: the whole list in memory, newest change first.
#[derive(Debug, Default)]
struct Whole {
    items: Vec<Item>,
    made: i64,
    change: i64,
}

impl Whole {
    fn sorted(&self) -> Vec<Item> {
        let mut items = self.items.clone();
        items.sort_by_key(|item| std::cmp::Reverse((item.change, item.seq)));
        items
    }

    fn page(&self, at: At, reach: usize) -> Rows<Item> {
        let all = self.sorted();
        let middle = match at {
            At::Top => 0,
            At::Bottom => all.len(),
            At::Around(place) => all.iter().position(|item| is_at_or_below(item.cursor(), place)).unwrap_or(all.len()),
        };
        let from = middle.saturating_sub(reach);
        let to = (middle + reach).min(all.len());
        Rows { rows: all[from..to].to_vec(), more_above: from > 0, more_below: to < all.len() }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Insert,
    Change(usize),
    Remove(usize),
    Move(isize),
    First,
    Last,
    Follow(bool),
    Refresh,
    Resize(usize),
    Scroll(isize),
    Pick(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Insert),
        2 => any::<usize>().prop_map(Step::Change),
        2 => any::<usize>().prop_map(Step::Remove),
        5 => (-9_isize..=9).prop_map(Step::Move),
        1 => Just(Step::First),
        1 => Just(Step::Last),
        1 => any::<bool>().prop_map(Step::Follow),
        5 => Just(Step::Refresh),
        1 => (1_usize..30).prop_map(Step::Resize),
        3 => (-9_isize..=9).prop_map(Step::Scroll),
        1 => (0_usize..12).prop_map(Step::Pick),
    ];
    proptest::collection::vec(step, 0..120)
}

proptest! {
    #[test]
    fn a_window_shows_a_stretch_of_the_list_and_keeps_what_is_selected(steps in steps(), size in 0_usize..300) {
        let mut whole = Whole::default();
        for _ in 0..size {
            apply(&mut whole, &Step::Insert);
        }
        let mut window = Window::<Item>::new(true);
        let mut height = 10;
        for step in steps {
            match step {
                Step::Insert | Step::Change(_) | Step::Remove(_) => apply(&mut whole, &step),
                Step::Move(by) => { window.step(by, height); }
                Step::Scroll(by) => { window.scroll(by, height); }
                Step::Pick(line) => { window.pick(line.min(height - 1)); }
                Step::First => window.first(height),
                Step::Last => window.last(height),
                Step::Follow(on) => window.follow(on),
                Step::Resize(to) => { height = to; window.keep_in_sight(height); }
                Step::Refresh => refresh(&mut window, &whole, height)?,
            }
            let (rows, selected) = window.visible(height);
            prop_assert!(rows.len() <= height);
            if window.selected().is_some() {
                let at = selected.filter(|at| *at < rows.len());
                prop_assert_eq!(at.map(|at| rows[at].id()), window.selected().map(Keyed::id), "selected out of sight");
            }
        }
        refresh(&mut window, &whole, height)?;
        if !whole.items.is_empty() {
            prop_assert!(!window.visible(height).0.is_empty(), "rows, and none in sight");
        }
    }
}

fn apply(whole: &mut Whole, step: &Step) {
    whole.change += 1;
    let len = whole.items.len();
    match step {
        Step::Insert => {
            whole.made += 1;
            whole.items.push(Item { seq: whole.made, change: whole.change });
        }
        Step::Change(at) if len > 0 => whole.items[at % len].change = whole.change,
        Step::Remove(at) if len > 0 => {
            whole.items.remove(at % len);
        }
        _ => {}
    }
}

fn refresh(window: &mut Window<Item>, whole: &Whole, height: usize) -> Result<(), TestCaseError> {
    let before = window.selected().cloned();
    let wanted = window.wanted;
    let at = window.wants();
    window.apply(whole.page(at, reach(height)), height);
    let all = whole.sorted();
    let first = window.rows().first().and_then(|row| all.iter().position(|item| item == row)).unwrap_or(0);
    prop_assert_eq!(&all[first..first + window.rows().len()], window.rows(), "not a stretch of the list");
    match (before, wanted) {
        (_, Some(Wanted::First)) => prop_assert_eq!(window.selected(), all.first()),
        (_, Some(Wanted::Last)) => prop_assert_eq!(window.selected(), all.last()),
        (Some(row), None) if all.contains(&row) => prop_assert_eq!(window.selected(), Some(&row)),
        _ if window.is_following() => prop_assert_eq!(window.rows().first(), all.first()),
        _ => prop_assert_eq!(window.selected().is_some(), !all.is_empty()),
    }
    Ok(())
}

#[test]
fn the_last_row_of_a_million_is_two_pages_away() {
    let mut window = Window::new(true);
    let item = |seq: i64| Item { seq, change: seq };
    window.apply(
        Rows { rows: (1..=40).rev().map(|at| item(999_960 + at)).collect(), more_above: false, more_below: true },
        10,
    );
    window.last(10);
    assert_eq!(window.wants(), At::Bottom);
    window.apply(Rows { rows: (1..=40).rev().map(item).collect(), more_above: true, more_below: false }, 10);
    assert_eq!(window.selected(), Some(&item(1)));
    assert_eq!(window.visible(10).1, Some(9));
}

#[test]
fn a_selected_row_that_leaves_hands_over_to_the_next_older_one() {
    let mut window = Window::new(false);
    let page = |seqs: &[i64]| Rows {
        rows: seqs.iter().map(|seq| Item { seq: *seq, change: *seq }).collect(),
        more_above: false,
        more_below: false,
    };
    window.apply(page(&[5, 4, 3]), 10);
    window.step(1, 10);
    window.apply(page(&[6, 5, 3]), 10);
    assert_eq!(window.selected().map(|row| row.seq), Some(3));
    window.apply(page(&[6, 5]), 10);
    assert_eq!(window.selected().map(|row| row.seq), Some(5));
}
