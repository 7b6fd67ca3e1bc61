-- Version 6: the order by change costs a delivery one operation on an index where it cost three.
-- A delivery that has not changed since it came in is queued, is due at 0, and has its sequence for its change number and for
-- its place in the lane: so it stands in its lane in the order by change, and needs no other index. None that is queued gets
-- its sequence as a change number again. Whoever lists by change merges the lanes into this index (journal/read/changes.rs); an
-- older program sorts, which takes longer.
DROP INDEX deliveries_change;
CREATE INDEX deliveries_changed ON deliveries (change) WHERE state <> 0 OR change <> seq;
