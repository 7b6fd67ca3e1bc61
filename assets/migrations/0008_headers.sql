-- Version 8: what came in twice or more is stored once, and one index less for each event.

-- Headers that attempts have in common; see journal/header_sets.rs. An attempt whose headers no other has keeps them itself.
CREATE TABLE header_sets (
    key   INTEGER PRIMARY KEY,              -- a change number: never given twice
    text  TEXT NOT NULL,                    -- as attempts.request_headers and attempts.response_headers have it
    users INTEGER NOT NULL                  -- attempts that refer to it; without any it goes
);
CREATE INDEX header_sets_unused ON header_sets (key) WHERE users = 0;
ALTER TABLE attempts ADD COLUMN request_set INTEGER REFERENCES header_sets (key);
ALTER TABLE attempts ADD COLUMN response_set INTEGER REFERENCES header_sets (key);

-- Retention goes through the events in the order in which they came, and finds by an index only those that it has put off.
-- `retained`: the event up to which it has come.
DROP INDEX events_kept_from;
CREATE INDEX events_put_off ON events (kept_from) WHERE kept_from <> accepted_at;
INSERT INTO meta VALUES ('retained', 0);

-- Not additive: an older program would find no headers and go through all events for each look at the old ones. Hence there is
-- no version 7 (see journal/open.rs).
