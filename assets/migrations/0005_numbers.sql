-- Version 5: what every delivery costs. Four things less for each row:
-- Events, deliveries and attempts are numbered by the journal's change number. It grows with each of them, is read and
-- written by every transaction anyway, and so is never given twice, whatever retention removes; to have SQLite remember the
-- same (AUTOINCREMENT) cost a look-up and a write for every row.
-- The id of a delivery is not stored where it is that of its event and that of its endpoint with a `_` between; it stood in
-- the row and once more in an index. See journal/named.rs.
-- Most deliveries are attempted once, and that attempt is written to no index.
-- A claim is a row of a small table and leaves the delivery's own row, and the indexes that it stands in, as they are.
--
-- Not additive: a program that leaves the numbering to SQLite would give numbers that are taken, and it would look for the
-- ids. Hence there is no version 4 (see journal/open.rs).

-- `events`: events accepted, ever.
INSERT INTO meta SELECT 'events', coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0);
-- What was ever given in any table is not given again.
UPDATE meta SET value = max(value, (SELECT coalesce(max(seq), 0) FROM sqlite_sequence)) WHERE key = 'change';
DELETE FROM sqlite_sequence WHERE name IN ('events', 'attempts');

-- Of these two nothing but the declaration differs, so the rows stay where they are: to copy bodies would take as long as
-- the journal is large, and as much disk again.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'PRIMARY KEY AUTOINCREMENT', 'PRIMARY KEY')
    WHERE type = 'table' AND name IN ('events', 'attempts');
PRAGMA writable_schema = RESET;

CREATE TABLE renewed (
    seq          INTEGER PRIMARY KEY,       -- journal order; its first change number
    event        INTEGER NOT NULL REFERENCES events (seq),
    endpoint     INTEGER NOT NULL REFERENCES endpoints (key),
    alias        TEXT,                      -- the id, where the usual one is the text of another delivery's
    state        INTEGER NOT NULL,          -- never 2: what has a row in flights is in flight
    position     INTEGER NOT NULL,          -- place in its lane: its sequence, or the change number of a retry by hand (the tail)
    due_at       INTEGER NOT NULL,          -- 0 while queued: due as soon as its turn comes
    change       INTEGER NOT NULL,          -- grows with every change of state: the order of the Deliveries pane
    created_at   INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    tries        INTEGER NOT NULL DEFAULT 0,
    crashes      INTEGER NOT NULL DEFAULT 0, -- in a row
    urgent       INTEGER NOT NULL DEFAULT 0, -- 1: a person asked for this one: goes past circuit and pause once
    tried_at     INTEGER NOT NULL DEFAULT 0, -- the claim of its newest attempt that has ended: the probe is the least recently tried
    reason       INTEGER,
    last_status  INTEGER,
    last_error   TEXT,
    last_ms      INTEGER,
    last_outcome INTEGER,
    last_trigger INTEGER,
    retried_at   INTEGER,                   -- last retry by hand
    body_hash    BLOB,                      -- of the newest request body, which is stored again only when it differs
    first_attempt INTEGER,                  -- its attempt; further ones are found by attempts_further
    UNIQUE (event, endpoint)
);
INSERT INTO renewed
SELECT d.seq, d.event, d.endpoint, nullif(d.id, e.id || '_' || p.id),
    CASE d.state WHEN 2 THEN coalesce(d.was_state, 0) ELSE d.state END, d.position, d.due_at, d.change, d.created_at,
    d.changed_at, d.attempts, d.tries, d.crashes, d.urgent, d.tried_at, d.reason, d.last_status, d.last_error, d.last_ms,
    d.last_outcome, d.last_trigger, d.retried_at, d.body_hash, NULL
FROM deliveries d CROSS JOIN events e ON e.seq = d.event CROSS JOIN endpoints p ON p.key = d.endpoint ORDER BY d.seq;

-- What is in flight: the lease of the claim, and what is not known before the result. State, due time, tries and reason
-- stand in the delivery's row as they were. See journal/flights.rs.
CREATE TABLE flights (
    delivery   INTEGER PRIMARY KEY REFERENCES deliveries (seq),
    endpoint   INTEGER NOT NULL REFERENCES endpoints (key),
    epoch      INTEGER NOT NULL,
    trigger    INTEGER NOT NULL,
    claimed_at INTEGER NOT NULL
);
INSERT INTO flights SELECT seq, endpoint, coalesce(epoch, 0), coalesce(claimed_as, 0), tried_at FROM deliveries WHERE state = 2;

DROP TABLE deliveries;
ALTER TABLE renewed RENAME TO deliveries;

-- The indexes as they were, but for the lane's, which held what was in flight too. The conditions are written with OR so that
-- SQLite sees that `state = 1` implies them.
CREATE INDEX deliveries_lane ON deliveries (endpoint, state, due_at, position) WHERE state = 0 OR state = 1;
CREATE INDEX deliveries_seen_before ON deliveries (created_at)
    WHERE (state = 0 OR state = 1) AND (tried_at > 0 OR retried_at IS NOT NULL);
CREATE INDEX deliveries_change ON deliveries (change);
CREATE INDEX deliveries_dead ON deliveries (changed_at, seq) WHERE state = 4;
CREATE INDEX deliveries_dead_of ON deliveries (endpoint, state, changed_at, seq) WHERE state = 4 OR state = 5;
CREATE INDEX deliveries_urgent ON deliveries (endpoint, position) WHERE urgent = 1;
CREATE INDEX deliveries_suspect ON deliveries (endpoint) WHERE crashes >= 3;
CREATE INDEX deliveries_dead_answered ON deliveries (endpoint, reason, last_status, changed_at)
    WHERE state = 4 AND last_status IS NOT NULL;
CREATE INDEX deliveries_dead_unanswered ON deliveries (endpoint, reason, last_outcome, last_error, changed_at)
    WHERE state = 4 AND last_status IS NULL;
CREATE UNIQUE INDEX deliveries_alias ON deliveries (alias) WHERE alias IS NOT NULL;

-- The delivery names its first attempt; the index finds only the others: what came after a first one, what was cut off, and
-- what is from before this version.
ALTER TABLE attempts ADD COLUMN is_first INTEGER;   -- 1: `first_attempt` of its delivery is this one; else null
DROP INDEX attempts_delivery;
CREATE INDEX attempts_further ON attempts (delivery) WHERE is_first IS NULL;
