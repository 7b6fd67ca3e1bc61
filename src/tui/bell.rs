//! What is worth a sound when nobody looks: the first dead letter, and a circuit that opens. Each once, until all is well
//! again; and never what was there before the console was.

use std::collections::BTreeSet;

use crate::event::Circuit;
use crate::journal::EndpointRow;
use crate::present::{escape, figures};

/// What has been heard of so far.
#[derive(Debug, Clone, Default)]
pub struct Bell {
    /// Deaths ever, as last seen; none: nothing has been seen yet.
    deaths: Option<u64>,
    /// There are dead letters that have been told.
    told: bool,
    /// Circuits, by endpoint key, that are open or were and have not closed since.
    open: BTreeSet<i64>,
}

impl Bell {
    /// Looks at the newest figures; what is worth a sound, in words.
    pub fn hear(&mut self, endpoints: &[EndpointRow]) -> Option<String> {
        let deaths: u64 = endpoints.iter().map(|one| one.total_dead).sum();
        let dead: u64 = endpoints.iter().map(|one| one.counts.dead).sum();
        let before = self.deaths.replace(deaths);
        let opened: Vec<&EndpointRow> =
            endpoints.iter().filter(|one| one.circuit.circuit == Circuit::Open && self.open.insert(one.key)).collect();
        self.open.retain(|key| endpoints.iter().any(|one| one.key == *key && one.circuit.circuit != Circuit::Closed));
        self.told &= dead > 0;
        let died = dead > 0 && !self.told && before.is_some_and(|before| deaths > before);
        self.told |= died;
        // The first look only learns what there is.
        before?;
        let circuits = opened.iter().map(|one| format!("the circuit of {} opened", escape::line(&one.name)));
        let letters = died.then(|| figures::counted(dead, "dead letter", "dead letters"));
        let words: Vec<String> = letters.into_iter().chain(circuits).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::tests::made_up::busy;

    struct Room {
        bell: Bell,
        endpoints: Vec<EndpointRow>,
    }

    impl Room {
        /// Two endpoints, the second with its circuit open and dead letters of old.
        fn new() -> Self {
            let mut endpoints = busy().overview.endpoints;
            endpoints.truncate(2);
            for (one, dead) in endpoints.iter_mut().zip([0, 3]) {
                (one.counts.dead, one.total_dead) = (dead, dead);
            }
            endpoints[1].circuit.circuit = Circuit::Open;
            let mut room = Self { bell: Bell::default(), endpoints };
            assert_eq!(room.hear(), None, "what was there before is not told");
            room
        }

        fn hear(&mut self) -> Option<String> {
            self.bell.hear(&self.endpoints)
        }

        fn die(&mut self) -> Option<String> {
            self.endpoints[0].counts.dead += 1;
            self.endpoints[0].total_dead += 1;
            self.hear()
        }

        fn circuit(&mut self, at: usize, circuit: Circuit) -> Option<String> {
            self.endpoints[at].circuit.circuit = circuit;
            self.hear()
        }
    }

    #[test]
    fn the_first_death_is_told_once_until_all_dead_letters_are_gone() {
        let mut room = Room::new();
        assert_eq!(room.die().as_deref(), Some("4 dead letters"));
        assert_eq!((room.die(), room.hear()), (None, None));
        for one in &mut room.endpoints {
            one.counts.dead = 0;
        }
        assert_eq!(room.hear(), None);
        assert_eq!(room.die().as_deref(), Some("1 dead letter"));
        // Undo brings back what died before: nothing new has.
        room.endpoints[0].counts.dead = 0;
        assert_eq!(room.hear(), None);
        room.endpoints[0].counts.dead = 1;
        assert_eq!(room.hear(), None);
    }

    #[test]
    fn a_circuit_that_opens_is_told_once_until_it_has_closed() {
        let mut room = Room::new();
        let name = room.endpoints[0].name.clone();
        assert_eq!(room.circuit(0, Circuit::Open), Some(format!("the circuit of {name} opened")));
        for circuit in [Circuit::HalfOpen, Circuit::Open, Circuit::HalfOpen, Circuit::Closed] {
            assert_eq!(room.circuit(0, circuit), None, "{circuit:?}");
        }
        assert!(room.circuit(0, Circuit::Open).is_some());
        assert_eq!(room.circuit(1, Circuit::HalfOpen), None);
        assert_eq!(room.circuit(1, Circuit::Open), None, "it was open before the console was");
        room.circuit(0, Circuit::Closed);
        room.circuit(1, Circuit::Closed);
        for one in &mut room.endpoints {
            one.circuit.circuit = Circuit::Open;
        }
        let both = room.die().unwrap();
        assert!(both.starts_with("4 dead letters, the circuit of ") && both.matches("opened").count() == 2, "{both}");
    }
}
